internal import Glibc

/// Finds a method by the bytes of its service and its name: a hash of lengths and last bytes leads to one slot, and the bytes
/// there are compared.
struct MethodTable: Sendable {
    private struct Slot {
        var index: UInt32
        /// Where the name stands in `names`; the service's stands right behind it.
        var offset: UInt32
        var methodLength: UInt32
        var serviceLength: UInt32
    }

    /// Twice as many at least as there are methods.
    private var slots: [Slot?]
    private var names: [UInt8] = []
    private let mask: Int

    init(_ methods: [Method]) {
        var size = 4
        while size < 2 * methods.count { size *= 2 }
        mask = size - 1
        slots = Array(repeating: nil, count: size)
        for method in methods { insert(method) }
    }

    private mutating func insert(_ method: Method) {
        let (name, service) = (Array(method.name.utf8), Array(method.service.utf8))
        let hash = name.withUnsafeBytes { name in service.withUnsafeBytes { Self.hash($0, name) } }
        var place = hash & mask
        while slots[place] != nil { place = (place + 1) & mask }
        slots[place] = Slot(
            index: UInt32(method.index),
            offset: UInt32(names.count),
            methodLength: UInt32(name.count),
            serviceLength: UInt32(service.count)
        )
        names += name + service
    }

    func index(service: UnsafeRawBufferPointer, method: UnsafeRawBufferPointer) -> Int? {
        var place = Self.hash(service, method) & mask
        while let slot = slots[place] {
            if matches(slot, service, method) { return Int(slot.index) }
            place = (place + 1) & mask
        }
        return nil
    }

    private func matches(_ slot: Slot, _ service: UnsafeRawBufferPointer, _ method: UnsafeRawBufferPointer) -> Bool {
        guard Int(slot.methodLength) == method.count, Int(slot.serviceLength) == service.count else { return false }
        return names.withUnsafeBytes {
            guard let known = $0.baseAddress else { return false }
            let name = known + Int(slot.offset)
            return Self.areEqual(name, method) && Self.areEqual(name + method.count, service)
        }
    }

    private static func areEqual(_ known: UnsafeRawPointer, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress else { return true }
        return memcmp(known, start, bytes.count) == 0
    }

    /// Names of one service differ in their length, in their last byte or in their first ones, mostly.
    private static func hash(_ service: UnsafeRawBufferPointer, _ method: UnsafeRawBufferPointer) -> Int {
        var hash = UInt64(truncatingIfNeeded: service.count) &<< 32 | UInt64(truncatingIfNeeded: method.count)
        if let last = method.last { hash ^= UInt64(last) &<< 8 | UInt64(method[method.count / 2]) &<< 16 }
        if let first = method.first { hash ^= UInt64(first) &<< 24 }
        hash &*= 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: hash &>> 48)
    }
}
