import Contract

extension Contract {
    /// As the bytes of a request ask for it.
    func method(_ service: String, _ method: String) -> Method? {
        Array(service.utf8).withUnsafeBytes { service in
            Array(method.utf8).withUnsafeBytes { self.method(service: service, method: $0) }
        }
    }
}

extension Method {
    /// Its route, as text.
    var routeText: String {
        guard let route else { return "none" }
        let path = route.path.map { part in
            switch part {
            case .text(let text): String(decoding: text, as: UTF8.self)
            case .parameter(let field): "{\(field.name)}"
            }
        }
        let body = route.body.map { " \($0.name)" } ?? ""
        let answer =
            switch route.answer {
            case .empty: "nothing"
            case .message: output.name
            case .parts(let list): "\(output.name) by \(list.name)"
            }
        return "\(route.httpMethod.name) \(path.joined())\(body) -> \(answer)"
    }
}
