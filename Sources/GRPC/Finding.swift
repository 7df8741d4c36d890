/// What has come of a stream, and an event is made of when it is given out. It is small, so that it can be handed from one to
/// the other.
enum Finding {
    case call(UnsafeRawBufferPointer)
    case requestStream
    case message(UnsafeRawBufferPointer)
    case endOfRequest
    case page
    case large(Int)
}
