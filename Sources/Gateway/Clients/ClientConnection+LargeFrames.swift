import EventLoop

/// Large frames come in a few at a time, over all clients.
extension ClientConnection: FrameSender {
    /// It has its turn later.
    var isHeldUp: Bool { backlog.isWaiting || frameRoom == .awaited }

    func askForRoom() {
        if unfinishedByteCount <= FrameRoom.smallSize {
            leaveRoom()
        } else if frameRoom == .unneeded, !backlog.isWaiting, !isLast {
            frameRoom = host.frameRoom.enter(self) ? .given : .awaited
            if frameRoom == .awaited { transport.pauseReading() }
        }
    }

    private func leaveRoom() {
        guard frameRoom != .unneeded else { return }
        frameRoom = .unneeded
        host.frameRoom.leave(self)
    }

    func goOnSending() {
        frameRoom = .given
        // While it waited, it could not go on.
        outbox.pace.beginFrame(now: clock.now)
        resumeReading()
    }
}
