extension UpstreamConnection {
    /// Who makes use of a connection, and is told what becomes of it.
    protocol Owner: AnyObject {
        /// Connecting has failed; the connection is closed and the exchange that it was made for still waits.
        func connection(_ connection: UpstreamConnection, couldNotConnectFor exchange: Exchange, _ error: UpstreamError)
        /// The exchange got no byte of an answer on a connection that had served others before, and may be repeated.
        func connection(_ connection: UpstreamConnection, wantsRepeated exchange: Exchange)
        /// An answer has come whole, whatever it says.
        func connectionHasAnswered(_ connection: UpstreamConnection)
        /// The connection is free for another exchange.
        func connectionBecameIdle(_ connection: UpstreamConnection)
        /// The connection is closed and had nothing on it.
        func connectionClosed(_ connection: UpstreamConnection)
    }
}
