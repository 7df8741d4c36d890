import CLibUV
import Glibc

/// A loop belongs to the thread that made it, which is kept where libuv leaves room for what is ours. Builds for debugging
/// check it at every door of the loop and its handles, so that it costs nothing where it counts.
extension UnsafeMutablePointer<uv_loop_t> {
    func belongToThisThread() {
        uv_loop_set_data(self, UnsafeMutableRawPointer(bitPattern: pthread_self()))
    }

    var isOfThisThread: Bool { uv_loop_get_data(self) == UnsafeMutableRawPointer(bitPattern: pthread_self()) }
}
