#include <zlib.h>

// zlib's own is a macro, which Swift cannot call.
static inline int CZLib_inflateInit2(z_stream *stream, int windowBits) {
    return inflateInit2(stream, windowBits);
}
