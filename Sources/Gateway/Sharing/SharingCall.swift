import Calls

/// A call whose answer may be that of others too. It knows its place in the list it is in, so that thousands of them can
/// leave one by one without a search for each.
protocol SharingCall: AnyObject {
    var place: Int { get set }

    /// It gets its answer from there from now on.
    func isCarried(by source: any SharedSource)
    func complete(_ payload: Payload)
    func fail(_ status: Status)
}

/// Where the answer comes from that calls share.
protocol SharedSource: AnyObject {
    /// Whether a byte of the request may have reached the upstream.
    var requestSent: Bool { get }
    /// The status of the answer, if the upstream has begun one.
    var httpStatus: Int? { get }

    /// Forgets a call that gives up.
    func leave(_ call: any SharingCall)
}
