import Contract
import ContractTesting
import Testing

@Suite("A contract that is not that of Pieces OS")
struct ShelfContractTests {
    @Test("needs no Swift for its routes")
    func routes() throws {
        let methods = try Shelf.contract().methods
        #expect(
            methods.map { "\($0.name): \($0.routeText)" } == [
                "ListBooks: GET /shelves/{shelf}/books -> test.shelf.v1.Books by books",
                "GetBook: GET /shelves/{shelf}/books/{book_id} -> test.shelf.v1.Book",
                "AddBook: POST /shelves/{shelf}/books book -> test.shelf.v1.Book",
                "RemoveBook: DELETE /shelves/{shelf}/books/{book_id} -> nothing",
                "ReplaceBook: PUT /shelves/{shelf} book -> test.shelf.v1.Book",
                "RenewBook: PATCH /renew/{shelf}/{book_id} -> test.shelf.v1.Book",
            ]
        )
    }

    @Test("repeats only what it gets")
    func repeatable() throws {
        let repeatable = try Shelf.contract().methods.filter { $0.route?.httpMethod.isRepeatable == true }
        #expect(repeatable.map(\.name) == ["ListBooks", "GetBook"])
    }

    @Test("has messages within messages, and fields in the order of their numbers")
    func fields() throws {
        let contract = try Shelf.contract()
        let book = try #require(contract.messages["test.shelf.v1.Book"])
        #expect(book.fields.map(\.number) == [1, 3, 4, 5, 6, 7, 20, 1000])
        #expect(book.field(named: "weights")?.isPacked == true)
        #expect(book.field(named: "formats")?.isPacked == false)
        #expect(book.field(named: "place")?.isNullableRequired == true)
        #expect(book.field(named: "place")?.kind == .message("test.shelf.v1.Book.Place"))
        #expect(contract.messages["test.shelf.v1.Book.Place"]?.field(named: "row")?.jsonName == "rowNumber")
        let format = try #require(contract.enums["test.shelf.v1.Book.Format"])
        #expect(format.values.map(\.jsonName) == ["UNKNOWN", "PAPER", "E_BOOK"])
    }
}
