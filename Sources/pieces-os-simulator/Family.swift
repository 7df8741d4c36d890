/// Foundations that share the beginning of their name, and with it who makes them and where they run.
struct Family {
    let prefix: String
    /// Nil where the API has no name for the maker.
    let provider: String?
    let cloud: Bool

    static func of(foundation: String) -> Family? {
        all.first { foundation.hasPrefix($0.prefix) }
    }

    /// No foundation fits two of the prefixes.
    private static let all =
        families(
            cloud: true,
            [
                ("GPT", "OPENAI"), ("BARD", "GOOGLE"), ("GEMINI", "GOOGLE"), ("TEXT", "GOOGLE"), ("CHAT", "GOOGLE"),
                ("CODE_BISON", "GOOGLE"), ("CODECHAT", "GOOGLE"), ("CODE_GECKO", "GOOGLE"), ("CLAUDE", "ANTHROPIC"),
                ("DBRX", "DATABRICKS"), ("GROK", nil), ("COMMAND", nil), ("AZURE", "MSFT_AZURE_OPEN_AI"),
                ("MSFT_AZURE", "MSFT_AZURE_OPEN_AI"), ("PERPLEXITY", "PERPLEXITY"), ("AWS", "AWS_BEDROCK"),
            ]
        )
        + families(
            cloud: false,
            [
                ("UNKNOWN", "PIECES"), ("T5", "GOOGLE"), ("LLAMA", "META"), ("CODE_LLAMA", "META"),
                ("ALPACA", "META"), ("VICUNA", "LMSYS"), ("GUANACO", "UNIVERSITY_OF_WASHINGTON"),
                ("OPENLLAMA", "OPEN_LM_RESEARCH"), ("GORILLA", "UC_BERKLEY"), ("STARLING", "UC_BERKLEY"),
                ("WIZARD", "PEKING_UNIVERSITY"), ("YULANCHAT", "RENMIN_UNIVERSITY_OF_CHINA"),
                ("REDPAJAMA", "TOGETHER_AI"), ("DOLLY", "DATABRICKS"), ("PYTHIA", "ELEUTHER_AI"),
                ("MOSS", "FUDAN_UNIVERSITY"), ("RMKV", "BLICKDL"), ("STARCODER", "BIGCODE"),
                ("SANTACODER", "BIGCODE"), ("DISTILROBERTA", "HUGGING_FACE"), ("ZEPHYR", "HUGGING_FACE"),
                ("FAST_TEXT", "META"), ("UNIXCODER", "MICROSOFT"), ("PHI", "MICROSOFT"), ("ORCA", "MICROSOFT"),
                ("LLAVA", "MICROSOFT"), ("GEMMA", "GOOGLE"), ("CODE_GEMMA", "GOOGLE"), ("RECURRENT", "GOOGLE"),
                ("GRANITE", "IBM"), ("POTION", "MINISHLABS"), ("MISTRAL", nil), ("MIXTRAL", nil), ("CODESTRAL", nil),
                ("DEEPSEEK", nil), ("QWEN", nil), ("QWQ", nil), ("TINYLLAMA", nil),
            ]
        )

    private static func families(cloud: Bool, _ makers: [(prefix: String, provider: String?)]) -> [Family] {
        makers.map { Family(prefix: $0.prefix, provider: $0.provider, cloud: cloud) }
    }
}
