from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
MODEL_TYPE_ACCURACY: ModelType
MODEL_TYPE_BALANCED: ModelType
MODEL_TYPE_SPEED: ModelType
MODEL_TYPE_UNKNOWN: ModelType
MODEL_USAGE_CODE_CLASSIFICATION: ModelUsage
MODEL_USAGE_CODE_CONVERSATION: ModelUsage
MODEL_USAGE_CODE_DESCRIPTION: ModelUsage
MODEL_USAGE_CODE_DISCOVERY: ModelUsage
MODEL_USAGE_CODE_EXTRACTIVE_LINKS: ModelUsage
MODEL_USAGE_CODE_EXTRACTIVE_TAGS: ModelUsage
MODEL_USAGE_CODE_FRAMEWORK: ModelUsage
MODEL_USAGE_CODE_GENERATION: ModelUsage
MODEL_USAGE_CODE_RELATED_PEOPLE: ModelUsage
MODEL_USAGE_CODE_SEARCH: ModelUsage
MODEL_USAGE_CODE_SEARCH_QUERIES: ModelUsage
MODEL_USAGE_CODE_TITLE: ModelUsage
MODEL_USAGE_OCR: ModelUsage
MODEL_USAGE_TAGIFY_CODE: ModelUsage
MODEL_USAGE_TAGIFY_COLOR_FROM_CODE: ModelUsage
MODEL_USAGE_TECHNICAL_ERROR: ModelUsage
MODEL_USAGE_TEXT_EMBEDDING: ModelUsage
MODEL_USAGE_TEXT_VS_CODE: ModelUsage
MODEL_USAGE_TEXT_VS_CODE_SEGMENTATION: ModelUsage
MODEL_USAGE_TLP_NEURAL_CODE_SEARCH: ModelUsage
MODEL_USAGE_TLP_TAG_SEARCH: ModelUsage
MODEL_USAGE_UNKNOWN: ModelUsage
MODEL_USAGE_VIDEO_OCR: ModelUsage
SEMANTIC_VERSION_MAJOR_0_MINOR_0_PATCH_1: SemanticVersion
SEMANTIC_VERSION_UNKNOWN: SemanticVersion

class ByteDescriptor(_message.Message):
    __slots__ = ["additional_properties", "readable", "schema", "value"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    READABLE_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    readable: str
    schema: EmbeddedModelSchema
    value: int
    def __init__(self, readable: _Optional[str] = ..., value: _Optional[int] = ..., schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class EmbeddedModelSchema(_message.Message):
    __slots__ = ["additional_properties", "migration", "semantic"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    MIGRATION_FIELD_NUMBER: _ClassVar[int]
    SEMANTIC_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    migration: int
    semantic: SemanticVersion
    def __init__(self, migration: _Optional[int] = ..., semantic: _Optional[_Union[SemanticVersion, str]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class GroupedTimestamp(_message.Message):
    __slots__ = ["additional_properties", "readable", "schema", "value"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    READABLE_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    readable: str
    schema: EmbeddedModelSchema
    value: _timestamp_pb2.Timestamp
    def __init__(self, readable: _Optional[str] = ..., value: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ["additional_properties", "bytes", "capabilities", "cloud", "cpu", "created", "custom", "denied", "description", "downloaded", "downloading", "foundation", "id", "loaded", "max_tokens", "name", "organization", "parameters", "provider", "quantization", "ram", "schema", "score", "type", "unique", "usage", "version"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    CLOUD_FIELD_NUMBER: _ClassVar[int]
    CPU_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    DENIED_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DOWNLOADED_FIELD_NUMBER: _ClassVar[int]
    DOWNLOADING_FIELD_NUMBER: _ClassVar[int]
    FOUNDATION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    LOADED_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    QUANTIZATION_FIELD_NUMBER: _ClassVar[int]
    RAM_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    bytes: ByteDescriptor
    capabilities: ModelCapabilities
    cloud: bool
    cpu: bool
    created: GroupedTimestamp
    custom: bool
    denied: bool
    description: str
    downloaded: bool
    downloading: bool
    foundation: str
    id: str
    loaded: bool
    max_tokens: ModelMaxTokens
    name: str
    organization: ReferencedEntity
    parameters: float
    provider: str
    quantization: str
    ram: ByteDescriptor
    schema: EmbeddedModelSchema
    score: Score
    type: ModelType
    unique: str
    usage: ModelUsage
    version: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., version: _Optional[str] = ..., type: _Optional[_Union[ModelType, str]] = ..., usage: _Optional[_Union[ModelUsage, str]] = ..., cloud: bool = ..., created: _Optional[_Union[GroupedTimestamp, _Mapping]] = ..., foundation: _Optional[str] = ..., provider: _Optional[str] = ..., unique: _Optional[str] = ..., description: _Optional[str] = ..., downloaded: bool = ..., loaded: bool = ..., custom: bool = ..., max_tokens: _Optional[_Union[ModelMaxTokens, _Mapping]] = ..., bytes: _Optional[_Union[ByteDescriptor, _Mapping]] = ..., ram: _Optional[_Union[ByteDescriptor, _Mapping]] = ..., quantization: _Optional[str] = ..., parameters: _Optional[float] = ..., cpu: bool = ..., denied: bool = ..., downloading: bool = ..., capabilities: _Optional[_Union[ModelCapabilities, _Mapping]] = ..., organization: _Optional[_Union[ReferencedEntity, _Mapping]] = ..., schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., score: _Optional[_Union[Score, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class ModelCapabilities(_message.Message):
    __slots__ = ["additional_properties", "assets", "codebases", "documents", "images", "schema", "temporal", "videos", "websites"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    ASSETS_FIELD_NUMBER: _ClassVar[int]
    CODEBASES_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    TEMPORAL_FIELD_NUMBER: _ClassVar[int]
    VIDEOS_FIELD_NUMBER: _ClassVar[int]
    WEBSITES_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    assets: bool
    codebases: bool
    documents: bool
    images: bool
    schema: EmbeddedModelSchema
    temporal: bool
    videos: bool
    websites: bool
    def __init__(self, assets: bool = ..., codebases: bool = ..., documents: bool = ..., images: bool = ..., temporal: bool = ..., videos: bool = ..., websites: bool = ..., schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class ModelDeleteCacheInput(_message.Message):
    __slots__ = ["additional_properties", "schema"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    schema: EmbeddedModelSchema
    def __init__(self, schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class ModelDeleteCacheOutput(_message.Message):
    __slots__ = ["additional_properties", "model", "schema"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    model: ReferencedModel
    schema: EmbeddedModelSchema
    def __init__(self, model: _Optional[_Union[ReferencedModel, _Mapping]] = ..., schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class ModelMaxTokens(_message.Message):
    __slots__ = ["additional_properties", "input", "output", "schema", "total"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    input: float
    output: float
    schema: EmbeddedModelSchema
    total: float
    def __init__(self, total: _Optional[float] = ..., input: _Optional[float] = ..., output: _Optional[float] = ..., schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class Models(_message.Message):
    __slots__ = ["additional_properties", "iterable", "schema", "score"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    ITERABLE_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    iterable: _containers.RepeatedCompositeFieldContainer[Model]
    schema: EmbeddedModelSchema
    score: Score
    def __init__(self, iterable: _Optional[_Iterable[_Union[Model, _Mapping]]] = ..., schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., score: _Optional[_Union[Score, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class ModelsCreateNewModelRequest(_message.Message):
    __slots__ = ["seeded_model"]
    SEEDED_MODEL_FIELD_NUMBER: _ClassVar[int]
    seeded_model: SeededModel
    def __init__(self, seeded_model: _Optional[_Union[SeededModel, _Mapping]] = ...) -> None: ...

class ModelsDeleteSpecificModelCacheRequest(_message.Message):
    __slots__ = ["model", "model_delete_cache_input"]
    MODEL_DELETE_CACHE_INPUT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    model: str
    model_delete_cache_input: ModelDeleteCacheInput
    def __init__(self, model: _Optional[str] = ..., model_delete_cache_input: _Optional[_Union[ModelDeleteCacheInput, _Mapping]] = ...) -> None: ...

class ModelsDeleteSpecificModelRequest(_message.Message):
    __slots__ = ["model"]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    model: str
    def __init__(self, model: _Optional[str] = ...) -> None: ...

class ModelsSnapshotRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReferencedEntity(_message.Message):
    __slots__ = ["additional_properties", "id", "schema"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    id: str
    schema: EmbeddedModelSchema
    def __init__(self, id: _Optional[str] = ..., schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class ReferencedModel(_message.Message):
    __slots__ = ["additional_properties", "id", "schema"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    id: str
    schema: EmbeddedModelSchema
    def __init__(self, id: _Optional[str] = ..., schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class Score(_message.Message):
    __slots__ = ["additional_properties", "automatic", "manual", "priority", "reference", "reuse", "schema", "searched", "update"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    AUTOMATIC_FIELD_NUMBER: _ClassVar[int]
    MANUAL_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    REUSE_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    SEARCHED_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    automatic: int
    manual: int
    priority: int
    reference: int
    reuse: int
    schema: EmbeddedModelSchema
    searched: int
    update: int
    def __init__(self, automatic: _Optional[int] = ..., manual: _Optional[int] = ..., priority: _Optional[int] = ..., reference: _Optional[int] = ..., reuse: _Optional[int] = ..., searched: _Optional[int] = ..., update: _Optional[int] = ..., schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class SeededModel(_message.Message):
    __slots__ = ["additional_properties", "bytes", "capabilities", "cloud", "cpu", "created", "custom", "denied", "description", "downloaded", "foundation", "max_tokens", "name", "organization", "parameters", "provider", "quantization", "ram", "schema", "type", "unique", "usage", "version"]
    ADDITIONAL_PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    CLOUD_FIELD_NUMBER: _ClassVar[int]
    CPU_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    DENIED_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DOWNLOADED_FIELD_NUMBER: _ClassVar[int]
    FOUNDATION_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    QUANTIZATION_FIELD_NUMBER: _ClassVar[int]
    RAM_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    additional_properties: str
    bytes: ByteDescriptor
    capabilities: ModelCapabilities
    cloud: bool
    cpu: bool
    created: GroupedTimestamp
    custom: bool
    denied: bool
    description: str
    downloaded: bool
    foundation: str
    max_tokens: ModelMaxTokens
    name: str
    organization: ReferencedEntity
    parameters: float
    provider: str
    quantization: str
    ram: ByteDescriptor
    schema: EmbeddedModelSchema
    type: ModelType
    unique: str
    usage: ModelUsage
    version: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., type: _Optional[_Union[ModelType, str]] = ..., usage: _Optional[_Union[ModelUsage, str]] = ..., cloud: bool = ..., created: _Optional[_Union[GroupedTimestamp, _Mapping]] = ..., foundation: _Optional[str] = ..., provider: _Optional[str] = ..., unique: _Optional[str] = ..., description: _Optional[str] = ..., downloaded: bool = ..., custom: bool = ..., max_tokens: _Optional[_Union[ModelMaxTokens, _Mapping]] = ..., bytes: _Optional[_Union[ByteDescriptor, _Mapping]] = ..., ram: _Optional[_Union[ByteDescriptor, _Mapping]] = ..., quantization: _Optional[str] = ..., parameters: _Optional[float] = ..., cpu: bool = ..., denied: bool = ..., capabilities: _Optional[_Union[ModelCapabilities, _Mapping]] = ..., organization: _Optional[_Union[ReferencedEntity, _Mapping]] = ..., schema: _Optional[_Union[EmbeddedModelSchema, _Mapping]] = ..., additional_properties: _Optional[str] = ...) -> None: ...

class StreamModelsSnapshotRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class UnloadModelsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ModelType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()

class ModelUsage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()

class SemanticVersion(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
