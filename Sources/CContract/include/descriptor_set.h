#pragma once

#include <stddef.h>
#include <stdint.h>

/// A google.protobuf.FileDescriptorSet: every file of Protos/ and what these import, each behind its imports. Lives as
/// long as the process.
const uint8_t *contract_descriptor_set(void);
size_t contract_descriptor_set_size(void);
