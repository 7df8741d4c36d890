// swift-tools-version: 6.2
import PackageDescription

let checked: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-warnings-as-errors"]),
    // Overlapping accesses are looked for in debug builds, which all tests run; looking costs a tenth of a small call.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

/// What has one thread, as debug builds assert of all that belongs to a loop: references are counted without atomic
/// operations, of which a call would have more than a hundred.
let strict =
    checked + [.unsafeFlags(["-Xfrontend", "-assume-single-threaded"], .when(configuration: .release))]

/// The Swift runtime goes into the release binary of the daemon, so that it runs where no Swift is installed. The
/// libraries named are what FoundationEssentials, which ArgumentParser brings, needs when it is linked statically.
let standalone: [LinkerSetting] = [
    .unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("_FoundationCollections", .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("_FoundationCShims", .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("swiftSynchronization", .when(platforms: [.linux], configuration: .release)),
]

let package = Package(
    name: "models-gateway",
    products: [
        .executable(name: "models-gateway", targets: ["models-gateway"]),
        .executable(name: "pieces-os-simulator", targets: ["pieces-os-simulator"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.22.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
        .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
        .systemLibrary(name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CZLib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "CSimdJSON",
            cxxSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary("simdjson")]
        ),
        .target(
            name: "CArguments",
            cSettings: [
                .unsafeFlags(["-Wall", "-Wextra", "-Werror"]),
                .define("SOURCE_REVISION", to: "\"\(Context.environment["MODELS_GATEWAY_REVISION"] ?? "")\""),
            ]
        ),
        .target(name: "CContract", exclude: ["regenerate.sh"]),

        .target(name: "Bytes", swiftSettings: strict),
        .target(name: "EventLoop", dependencies: ["Bytes", "CLibUV"], swiftSettings: strict),
        .target(name: "Calls", dependencies: ["Bytes"], swiftSettings: strict),
        .target(name: "TTRPC", dependencies: ["Bytes", "Calls"], swiftSettings: strict),
        .target(name: "GRPC", dependencies: ["Bytes", "CNGHTTP2", "CZLib", "Calls"], swiftSettings: strict),
        .target(name: "Contract", dependencies: ["Bytes", "CContract", "CProtobufC"], swiftSettings: strict),
        .target(
            name: "Transcoding",
            dependencies: ["Bytes", "CProtobufC", "CSimdJSON", "Contract"],
            swiftSettings: strict
        ),
        .target(name: "HTTP", dependencies: ["Bytes"], swiftSettings: strict),
        .target(
            name: "PiecesOS",
            dependencies: ["Bytes", "EventLoop", "HTTP"],
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .target(
            name: "Gateway",
            dependencies: [
                "Bytes", "Calls", "Contract", "EventLoop", "GRPC", "HTTP", "PiecesOS", "TTRPC", "Transcoding",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["README.md", "Metrics/README.md"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "models-gateway",
            dependencies: [
                "Bytes", "CArguments", "CModelsClient", "CProtobufC", "Contract", "EventLoop", "Gateway", "PiecesOS",
                "Transcoding",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["README.md", "manual.sh", "models-gateway.1", "serve.md"],
            swiftSettings: strict,
            linkerSettings: standalone
        ),
        .target(
            name: "CModelsClient",
            dependencies: ["CProtobufC"],
            exclude: ["Makefile", "README.md", "models-client.map", "models-client.pc.in", "regenerate.sh"],
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]
        ),
        .executableTarget(
            name: "pieces-os-simulator",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ],
            swiftSettings: checked
        ),

        .target(
            name: "CSimdJSONDocument",
            path: "Tests/Benchmarks/Document",
            cxxSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary("simdjson")]
        ),
        .executableTarget(
            name: "transcoding-benchmark",
            dependencies: ["Bytes", "CSimdJSONDocument", "Contract", "Transcoding"],
            path: "Tests/Benchmarks/Transcoding",
            swiftSettings: strict,
            linkerSettings: standalone
        ),

        .target(
            name: "EventLoopTesting",
            dependencies: ["EventLoop"],
            path: "Tests/EventLoopTesting",
            swiftSettings: strict
        ),
        .testTarget(
            name: "EventLoopTests",
            dependencies: ["Bytes", "EventLoop", "EventLoopTesting"],
            swiftSettings: strict
        ),
        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: strict),
        .target(name: "CContractMessages", dependencies: ["CProtobufC"], path: "Tests/CContractMessages"),
        .target(
            name: "ContractTesting",
            dependencies: ["Contract"],
            path: "Tests/ContractTesting",
            exclude: ["Shelf"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ContractTests",
            dependencies: ["CContractMessages", "CProtobufC", "Contract", "ContractTesting"],
            swiftSettings: strict
        ),
        .testTarget(name: "CallsTests", dependencies: ["Calls"], swiftSettings: strict),
        .testTarget(name: "TTRPCTests", dependencies: ["Bytes", "Calls", "TTRPC"], swiftSettings: strict),
        .testTarget(
            name: "GRPCTests",
            dependencies: ["Bytes", "CNGHTTP2", "CZLib", "Calls", "GRPC"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TranscodingTests",
            dependencies: ["Bytes", "CContractMessages", "CProtobufC", "Contract", "ContractTesting", "Transcoding"],
            swiftSettings: strict
        ),
        .testTarget(name: "HTTPTests", dependencies: ["Bytes", "HTTP"], swiftSettings: strict),
        .testTarget(
            name: "PiecesOSTests",
            dependencies: ["Bytes", "EventLoop", "EventLoopTesting", "HTTP", "PiecesOS"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Bytes", "Calls", "Contract", "EventLoop", "EventLoopTesting", "GRPC", "Gateway", "PiecesOS", "TTRPC",
                "Transcoding",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
    ],
    cxxLanguageStandard: .cxx17
)

/// The fuzz targets are there only for Tests/Fuzz/run.sh: they have no main function but the fuzzer's.
if Context.environment["MODELS_GATEWAY_FUZZ"] == "1" {
    let dependencies: [String: [Target.Dependency]] = [
        "Frames": ["CContractMessages", "CProtobufC", "TTRPC"],
        "HTTP2Sessions": ["Bytes", "Calls", "GRPC"],
        "RequestPayloads": ["Bytes", "Calls", "Contract", "Gateway", "HTTP", "Transcoding"],
        "JSONToProtobuf": ["SimdJSONVerdict", "Transcoding"],
        "ProtobufToJSON": ["Transcoding"],
        "ModelStreams": ["Transcoding"],
        "ListMemos": ["Transcoding"],
        "HTTPResponses": ["HTTP"],
        "HTTPRequests": [
            "Contract", "EventLoop", "Gateway", "PiecesOS", .product(name: "Logging", package: "swift-log"),
        ],
        "GRPCHeads": ["Bytes", "Calls", "GRPC"],
        "Locations": ["Contract", "EventLoop", "Gateway", "PiecesOS"],
    ]
    package.targets.append(
        .target(
            name: "FuzzSupport",
            dependencies: ["Bytes", "CProtobufC", "Contract", "Transcoding"],
            path: "Tests/Fuzz/Support",
            swiftSettings: strict
        )
    )
    package.targets.append(
        .target(
            name: "SimdJSONVerdict",
            path: "Tests/Fuzz/SimdJSONVerdict",
            linkerSettings: [.linkedLibrary("simdjson")]
        )
    )
    for (name, dependencies) in dependencies {
        package.targets.append(
            .executableTarget(
                name: "Fuzz\(name)",
                dependencies: ["FuzzSupport"] + dependencies,
                path: "Tests/Fuzz/\(name)",
                swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]
            )
        )
    }
}
