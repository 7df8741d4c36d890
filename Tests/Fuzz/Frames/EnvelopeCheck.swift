import CContractMessages
import CProtobufC
import FuzzSupport
import TTRPC

/// An envelope beside what protobuf-c reads from the same bytes.
enum EnvelopeCheck {
    static func check(_ data: UnsafeRawBufferPointer) {
        var entries = 0
        let envelope = try? RequestEnvelope(decoding: data) { entry in
            entries += 1
            demand(isText(entry.key, in: data) && isText(entry.value, in: data), "metadata is not text of the frame")
        }
        guard let envelope else { return }
        demand(isText(envelope.service, in: data), "the service is not text of the frame")
        demand(isText(envelope.method, in: data), "the method is not text of the frame")
        compare(envelope, entries, data)
    }

    private static func compare(_ envelope: RequestEnvelope, _ entries: Int, _ data: UnsafeRawBufferPointer) {
        let start = data.assumingMemoryBound(to: UInt8.self).baseAddress
        // It refuses some that are legal: groups, and tags that are longer than they have to be.
        guard let other = ttrpc__request__unpack(nil, data.count, start) else { return }
        defer { ttrpc__request__free_unpacked(other, nil) }
        let request = other.pointee
        demand(begins(envelope.service, with: request.service), "protobuf-c reads another service")
        demand(begins(envelope.method, with: request.method), "protobuf-c reads another method")
        demand(envelope.timeoutNano == request.timeout_nano, "protobuf-c reads another timeout")
        demand(entries == request.n_metadata, "protobuf-c reads another number of metadata")
        let payload = UnsafeRawBufferPointer(start: request.payload.data, count: request.payload.len)
        demand(envelope.payload.elementsEqual(payload), "protobuf-c reads another payload")
    }

    private static func isText(_ view: UnsafeRawBufferPointer, in data: UnsafeRawBufferPointer) -> Bool {
        guard let start = view.baseAddress, let base = data.baseAddress, !view.isEmpty else { return true }
        let isInside = start >= base && start + view.count <= base + data.count
        return isInside && String(validating: view, as: UTF8.self) != nil
    }

    /// protobuf-c's strings end at a NUL.
    private static func begins(_ view: UnsafeRawBufferPointer, with string: UnsafePointer<CChar>?) -> Bool {
        guard let string else { return view.isEmpty }
        let text = UnsafeRawBufferPointer(start: string, count: String(cString: string).utf8.count)
        return view.starts(with: text) && (view.count == text.count || view[text.count] == 0)
    }
}
