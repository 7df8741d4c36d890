import Glibc

/// Opens what is closed of standard input, output and error. Otherwise the next file or socket would take its number:
/// the log would be written into it, and libuv, which closes no such number, would end the process.
func openStandardDescriptors() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
        // The lowest free number is the one. Where there is no /dev, a directory keeps it: nothing can be written to it.
        if open("/dev/null", O_RDWR) < 0 { _ = open("/", O_RDONLY | O_DIRECTORY) }
    }
}
