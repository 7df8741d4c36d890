internal import CContract

extension Contract {
    /// The descriptor set that the program carries.
    package static var carriedDescriptorSet: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: contract_descriptor_set(), count: contract_descriptor_set_size())
    }

    /// The contract that the program carries.
    package static func carried() throws(ContractError) -> Contract {
        try Contract(descriptorSet: carriedDescriptorSet)
    }
}
