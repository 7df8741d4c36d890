/// Why a call is refused, in a sentence; Pieces OS answers every refusal with status 500 and such text.
struct Refusal: Error {
    let sentence: String

    init(_ sentence: String) {
        self.sentence = sentence
    }
}
