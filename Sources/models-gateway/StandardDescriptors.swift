import Glibc

/// Opens what is closed of standard input, output and error. Otherwise the next file or socket would take its number:
/// the log would be written into it, and libuv, which closes no such number, would end the process.
func openStandardDescriptors() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
        // The lowest free number is the one. What a command prints must not seem to be written. Where there is no /dev, a
        // directory keeps the number: nothing can be written to it either.
        let mode = descriptor == STDOUT_FILENO ? O_RDONLY : O_RDWR
        if open("/dev/null", mode) < 0 { _ = open("/", O_RDONLY | O_DIRECTORY) }
    }
}
