import Calls
import PiecesOS
import TTRPC

extension ForwardedHeaders {
    /// Takes the headers of a request from its metadata, in place of what was there. Of a key that comes more than once
    /// the last counts.
    mutating func read(_ metadata: Metadata) throws(Status) {
        removeAll()
        guard !metadata.isEmpty else { return }
        var values = ForwardedHeader.Values<UnsafeRawBufferPointer>()
        for entry in metadata {
            if let header = ForwardedHeader(key: entry.key) { values[header] = entry.value }
        }
        for header in ForwardedHeader.allCases {
            guard let value = values[header] else { continue }
            do throws(ForwardedHeaderError) {
                try append(header, value)
            } catch {
                throw Status(.invalidArgument, .badRequest, error.description)
            }
        }
    }
}
