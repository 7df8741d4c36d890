@testable import TTRPC

/// A frame as the protocol's specification lays it out, written by hand, with what it says.
struct GoldenFrame {
    let bytes: [UInt8]
    let header: FrameHeader

    var data: [UInt8] { Array(bytes.dropFirst(FrameHeader.byteCount)) }
    var received: Received { .frame(header, data) }

    init(_ notation: String, _ header: FrameHeader) {
        bytes = wire(notation)
        self.header = header
    }

    static let unaryRequest = GoldenFrame(
        """
        00 00 00 2e  00 00 00 01  01 00
        0a 1e 'pieces.models.v1.ModelsService'
        12 0c 'UnloadModels'
        """,
        FrameHeader(length: 46, streamID: 1, type: .request)
    )

    /// Every member of the envelope, with a timeout of five seconds and two entries of metadata.
    static let fullRequest = GoldenFrame(
        """
        00 00 00 66  00 00 00 03  01 01
        0a 1e 'pieces.models.v1.ModelsService'
        12 14 'StreamModelsSnapshot'
        1a 03 08 96 01
        20 80 e4 97 d0 12
        2a 11  0a 0b 'traceparent'  12 02 '00'
        2a 10  0a 0b 'application'  12 01 'x'
        """,
        FrameHeader(length: 102, streamID: 3, type: .request, flags: .remoteClosed)
    )

    static let openRequest = GoldenFrame(
        "00 00 00 02  ff ff ff ff  01 02  12 00",
        FrameHeader(length: 2, streamID: 4_294_967_295, type: .request, flags: .remoteOpen)
    )

    static let emptyResponse = GoldenFrame(
        "00 00 00 00  00 00 00 01  02 00",
        FrameHeader(length: 0, streamID: 1, type: .response)
    )

    static let response = GoldenFrame(
        "00 00 00 05  00 00 00 01  02 00  12 03 08 96 01",
        FrameHeader(length: 5, streamID: 1, type: .response)
    )

    static let data = GoldenFrame(
        "00 00 00 03  00 00 00 03  03 00  08 96 01",
        FrameHeader(length: 3, streamID: 3, type: .data)
    )

    static let emptyMessage = GoldenFrame(
        "00 00 00 00  00 00 00 03  03 00",
        FrameHeader(length: 0, streamID: 3, type: .data)
    )

    static let endOfStream = GoldenFrame(
        "00 00 00 00  00 00 00 03  03 05",
        FrameHeader(length: 0, streamID: 3, type: .data, flags: [.remoteClosed, .noData])
    )

    static let unknownType = GoldenFrame(
        "00 00 00 01  00 00 00 07  2a 80  ff",
        FrameHeader(length: 1, streamID: 7, type: FrameType(rawValue: 42), flags: FrameFlags(rawValue: 128))
    )

    static let all = [
        unaryRequest, fullRequest, openRequest, emptyResponse, response, data, emptyMessage, endOfStream, unknownType,
    ]
}
