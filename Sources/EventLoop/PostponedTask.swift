/// Something that was too much for a turn.
package protocol PostponedTask: AnyObject {
    /// Does what fits into this turn, and asks to be postponed again if that is not all.
    func goOn()
}
