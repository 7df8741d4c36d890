/// Tasks that wait. Of one owner the oldest is next; of the owners each has its turn, so that one with many holds up nobody
/// else.
struct FairQueue {
    /// Owners with tasks, the next first.
    private var owners: [ObjectIdentifier] = []
    private var tasks: [ObjectIdentifier: [any PostponedTask]] = [:]

    var isEmpty: Bool { owners.isEmpty }

    mutating func append(_ task: any PostponedTask, of owner: AnyObject) {
        let owner = ObjectIdentifier(owner)
        if tasks[owner] == nil { owners.append(owner) }
        tasks[owner, default: []].append(task)
    }

    mutating func removeNext() -> (any PostponedTask)? {
        guard !owners.isEmpty else { return nil }
        let owner = owners.removeFirst()
        let task = tasks[owner]?.removeFirst()
        if tasks[owner]?.isEmpty == false { owners.append(owner) } else { tasks[owner] = nil }
        return task
    }

    mutating func remove(_ task: any PostponedTask, of owner: AnyObject) {
        let owner = ObjectIdentifier(owner)
        tasks[owner]?.removeAll { $0 === task }
        guard tasks[owner]?.isEmpty == true else { return }
        tasks[owner] = nil
        owners.removeAll { $0 == owner }
    }
}
