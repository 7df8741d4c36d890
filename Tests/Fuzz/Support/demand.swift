/// Ends the run, with the input as what was found, unless what the sentence says holds.
@inline(__always)
package func demand(_ condition: Bool, _ sentence: @autoclosure () -> String) {
    if !condition { fatalError(sentence()) }
}
