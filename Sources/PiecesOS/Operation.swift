/// One of the five calls of the Models API, by its operation id.
package enum Operation: Equatable, Sendable {
    case modelsSnapshot
    case modelsCreateNewModel
    case modelsDeleteSpecificModel
    case modelsDeleteSpecificModelCache
    case unloadModels

    /// Only what changes nothing may go out a second time: better an error than a second model.
    var isRepeatable: Bool { self == .modelsSnapshot }
}
