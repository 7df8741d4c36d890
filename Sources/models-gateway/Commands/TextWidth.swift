extension String {
    /// How many columns of a terminal it takes, which must hold no control characters.
    var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

    /// As much of it as takes `limit` columns, with an ellipsis at the end if that is not all.
    func cut(to limit: Int) -> String {
        guard columns > limit else { return self }
        var cut = ""
        var left = limit - 1
        for character in self {
            let width = character.unicodeScalars.reduce(0) { $0 + $1.columns }
            guard width <= left else { break }
            cut.append(character)
            left -= width
        }
        return limit > 0 ? cut + "…" : ""
    }
}

extension Unicode.Scalar {
    /// As terminals have it: two for what is wide (Unicode Standard Annex 11, W and F), none for what joins the one before.
    fileprivate var columns: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch value {
        case 0x1160...0x11FF: return 0
        case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
            0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF,
            0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD:
            return 2
        default:
            return properties.isEmojiPresentation ? 2 : 1
        }
    }
}
