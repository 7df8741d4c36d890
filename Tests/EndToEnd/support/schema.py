"""The JSON of the Models API: which member is of which kind, and which strings the settled enumerations know."""

_ANY = {"schema": "EmbeddedModelSchema"}

_SEEDED = _ANY | {
    "bytes": "ByteDescriptor",
    "capabilities": "ModelCapabilities",
    "cloud": "bool",
    "cpu": "bool",
    "created": "GroupedTimestamp",
    "custom": "bool",
    "denied": "bool",
    "description": "string",
    "downloaded": "bool",
    "foundation": "string",
    "maxTokens": "ModelMaxTokens",
    "name": "string",
    "organization": "ReferencedEntity",
    "parameters": "number",
    "provider": "string",
    "quantization": "string",
    "ram": "ByteDescriptor",
    "type": "ModelTypeEnum",
    "unique": "string",
    "usage": "ModelUsageEnum",
    "version": "string",
}

_COUNTS = ("automatic", "manual", "priority", "reference", "reuse", "searched", "update")
_CONTEXTS = ("assets", "codebases", "documents", "images", "temporal", "videos", "websites")

SCHEMAS: dict[str, dict[str, str]] = {
    "SeededModel": _SEEDED,
    "Model": _SEEDED | {"id": "string", "downloading": "bool", "loaded": "bool", "score": "Score"},
    "Models": _ANY | {"iterable": "array", "score": "Score"},
    "ModelDeleteCacheInput": _ANY,
    "ModelDeleteCacheOutput": _ANY | {"model": "ReferencedModel"},
    "ReferencedModel": _ANY | {"id": "string"},
    "ReferencedEntity": _ANY | {"id": "string"},
    "ByteDescriptor": _ANY | {"readable": "string", "value": "int"},
    "GroupedTimestamp": _ANY | {"readable": "string", "value": "datetime"},
    "ModelCapabilities": _ANY | dict.fromkeys(_CONTEXTS, "bool"),
    "ModelMaxTokens": _ANY | dict.fromkeys(("total", "input", "output"), "number"),
    "Score": _ANY | dict.fromkeys(_COUNTS, "int"),
    "EmbeddedModelSchema": {"migration": "int", "semantic": "EmbeddedModelSchemaSemanticVersionEnum"},
}

ENUMS: dict[str, list[str]] = {
    "ModelTypeEnum": ["UNKNOWN", "BALANCED", "SPEED", "ACCURACY"],
    "ModelUsageEnum": """
        UNKNOWN OCR CODE_CLASSIFICATION TEXT_VS_CODE TAGIFY_CODE TLP_TAG_SEARCH TLP_NEURAL_CODE_SEARCH
        TAGIFY_COLOR_FROM_CODE CODE_DESCRIPTION CODE_TITLE CODE_SEARCH_QUERIES CODE_EXTRACTIVE_TAGS
        CODE_EXTRACTIVE_LINKS CODE_CONVERSATION CODE_GENERATION CODE_SEARCH CODE_DISCOVERY CODE_RELATED_PEOPLE
        CODE_FRAMEWORK VIDEO_OCR TEXT_VS_CODE_SEGMENTATION TEXT_EMBEDDING TECHNICAL_ERROR
    """.split(),
    "EmbeddedModelSchemaSemanticVersionEnum": ["UNKNOWN", "MAJOR_0_MINOR_0_PATCH_1"],
}
