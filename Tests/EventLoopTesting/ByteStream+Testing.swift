package import EventLoop

extension ByteStream {
    package func write(_ bytes: [UInt8]) throws(LoopError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(LoopError) in try write(UnsafeRawBufferPointer(bytes)) }
    }
}
