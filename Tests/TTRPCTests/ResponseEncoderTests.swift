import Calls
import Testing

@testable import TTRPC

struct ResponseEncoderTests {
    private static let before = wire("'earlier bytes'")

    private func appended(_ append: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes = Self.before
        append(&bytes)
        #expect(bytes.starts(with: Self.before))
        return Array(bytes.dropFirst(Self.before.count))
    }

    @Test func `a success carries the payload`() {
        let bytes = appended { bytes in
            wire("08 96 01").withUnsafeBytes { ResponseEncoder.appendResponse($0, streamID: 1, to: &bytes) }
        }
        #expect(bytes == GoldenFrame.response.bytes)
    }

    @Test func `an empty payload is left out`() {
        let bytes = appended { bytes in
            ResponseEncoder.appendResponse(UnsafeRawBufferPointer(start: nil, count: 0), streamID: 1, to: &bytes)
        }
        #expect(bytes == GoldenFrame.emptyResponse.bytes)
    }

    @Test func `a message in a stream is the data itself, also when it is empty`() {
        let bytes = appended { bytes in
            wire("08 96 01").withUnsafeBytes { ResponseEncoder.appendData($0, streamID: 3, to: &bytes) }
            ResponseEncoder.appendData(UnsafeRawBufferPointer(start: nil, count: 0), streamID: 3, to: &bytes)
            ResponseEncoder.appendEndOfStream(streamID: 3, to: &bytes)
        }
        #expect(bytes == GoldenFrame.data.bytes + GoldenFrame.emptyMessage.bytes + GoldenFrame.endOfStream.bytes)
    }

    @Test func `a status carries code, message and one ErrorInfo`() {
        let status = Status(
            .unavailable,
            .upstreamHTTPStatus,
            "HTTP status 503",
            operation: "UnloadModels",
            httpStatus: 503,
            requestSent: true
        )
        let bytes = appended { ResponseEncoder.appendStatus(status, streamID: 5, to: &$0) }
        let expected = wire(
            """
            00 00 00 b0  00 00 00 05  02 00
            0a ad 01
                08 0e
                12 0f 'HTTP status 503'
                1a 97 01
                    0a 28 'type.googleapis.com/google.rpc.ErrorInfo'
                    12 6b
                        0a 14 'UPSTREAM_HTTP_STATUS'
                        12 0e 'models-gateway'
                        1a 19  0a 09 'operation'     12 0c 'UnloadModels'
                        1a 12  0a 0b 'http_status'   12 03 '503'
                        1a 14  0a 0c 'request_sent'  12 04 'true'
            """
        )
        #expect(bytes == expected)
    }

    @Test func `a status says only what applies`() {
        let bytes = appended { bytes in
            ResponseEncoder.appendStatus(Status(.invalidArgument, .badRequest, "no"), streamID: 2, to: &bytes)
        }
        let expected = wire(
            """
            00 00 00 53  00 00 00 02  02 00
            0a 51
                08 03
                12 02 'no'
                1a 49
                    0a 28 'type.googleapis.com/google.rpc.ErrorInfo'
                    12 1d
                        0a 0b 'BAD_REQUEST'
                        12 0e 'models-gateway'
            """
        )
        #expect(bytes == expected)
    }

    @Test(arguments: [
        (0, 0), (1, 3), (127, 129), (128, 131), (16_383, 16_386), (16_384, 16_388), (2_097_151, 2_097_155),
        (2_097_152, 2_097_157), (4_194_299, 4_194_304), (4_194_300, 4_194_305),
    ])
    func `the length of a response is known before it is built`(payload: Int, length: Int) {
        #expect(ResponseEncoder.responseLength(payload: payload) == length)
        guard length <= FrameHeader.maximumLength else { return }

        let sent = [UInt8](repeating: 7, count: payload)
        let bytes = appended { bytes in
            sent.withUnsafeBytes { ResponseEncoder.appendResponse($0, streamID: 1, to: &bytes) }
        }
        #expect(bytes.count == FrameHeader.byteCount + length)
        #expect(bytes.withUnsafeBytes { FrameHeader(decoding: $0) }.length == length)
        #expect(Array(bytes.suffix(payload)) == sent)
    }

    @Test func `a frame may be full to the last byte`() {
        let payload = [UInt8](repeating: 7, count: FrameHeader.maximumLength)
        let bytes = appended { bytes in
            payload.withUnsafeBytes { ResponseEncoder.appendData($0, streamID: 1, to: &bytes) }
        }
        #expect(bytes == wire("00 40 00 00  00 00 00 01  03 00") + payload)
    }
}
