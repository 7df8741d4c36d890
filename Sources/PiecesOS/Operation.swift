/// One of the five calls of the Models API, by its operation id.
package enum Operation: Equatable, Sendable {
    case modelsSnapshot
    case modelsCreateNewModel
    case modelsDeleteSpecificModel
    case modelsDeleteSpecificModelCache
    case unloadModels
}
