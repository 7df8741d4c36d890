extension CallFailure {
    /// On standard error.
    func report(asJSON isJSON: Bool) {
        Output.writeError(isJSON ? json : text)
    }
}
