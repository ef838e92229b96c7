// Preloaded into a program: from the n-th call on (ENOSPC), or at the n-th alone, the file layer or the
// allocator fails. NOISEFLOOR_FAULT=KIND:N with KIND of enospc, eio, short, eintr, memory; when it has
// struck, the file NOISEFLOOR_FAULT_MARK exists. Counts begin with main(): what the loader does is not the
// program's.
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <new>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

enum class Kind
{
    None,
    DiskFull,
    InputOutput,
    Short,
    Interrupted,
    Memory
};

Kind theKind = Kind::None;
long theNumber = 0;
std::atomic<bool> isArmed = false;
std::atomic<long> theCount = 0;
char theMark[4096];

void mark()
{
    const long descriptor = ::syscall(SYS_openat, AT_FDCWD, theMark, O_WRONLY | O_CREAT, 0600);
    if (descriptor >= 0) {
        ::syscall(SYS_close, descriptor);
    }
}

bool strikes(bool forGood)
{
    if (!isArmed) {
        return false;
    }
    const long count = ++theCount;
    const bool isIt = count == theNumber || (forGood && count > theNumber);
    if (isIt && count == theNumber) {
        mark();
    }
    return isIt;
}

/// Messages on stderr are how the program tells; libraries and devices are not files of anybody.
bool isFile(int descriptor)
{
    struct stat status;
    return descriptor != STDERR_FILENO && ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

template <typename F>
F* next(const char* name)
{
    return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

/// What becomes of a call that moves `size` bytes: −1 with errno, or how many it may move.
long allowed(int descriptor, std::size_t size, bool isWrite)
{
    if (!isArmed || theKind == Kind::Memory || theKind == Kind::None || !isFile(descriptor)) {
        return static_cast<long>(size);
    }
    if (theKind == Kind::DiskFull && !isWrite) {
        return static_cast<long>(size);
    }
    if (!strikes(theKind == Kind::DiskFull)) {
        return static_cast<long>(size);
    }
    if (theKind == Kind::Short) {
        return static_cast<long>(size > 1 ? size / 2 : size);
    }
    errno = theKind == Kind::DiskFull ? ENOSPC : theKind == Kind::InputOutput ? EIO : EINTR;
    return -1;
}

using MainFunction = int(int, char**, char**);
MainFunction* theMain = nullptr;

int armedMain(int argc, char** argv, char** environment)
{
    const char* fault = std::getenv("NOISEFLOOR_FAULT");
    const char* place = std::getenv("NOISEFLOOR_FAULT_MARK");
    const char* colon = fault ? std::strchr(fault, ':') : nullptr;
    if (colon && place) {
        const auto is = [&](const char* name) {
            return std::strncmp(fault, name, static_cast<std::size_t>(colon - fault)) == 0;
        };
        theKind = is("enospc") ? Kind::DiskFull
            : is("eio")        ? Kind::InputOutput
            : is("short")      ? Kind::Short
            : is("eintr")      ? Kind::Interrupted
                               : Kind::Memory;
        theNumber = std::atol(colon + 1);
        std::strncpy(theMark, place, sizeof(theMark) - 1);
        ::unsetenv("LD_PRELOAD"); // not for its children
        isArmed = true;
    }
    const int result = theMain(argc, argv, environment);
    return result;
}

/// oneDNN 2.6 does not survive an allocation of its own that fails (dnnl_memory_create writes to null): its
/// calls are not counted.
bool isFromOneDnn(const void* caller)
{
    Dl_info place;
    return ::dladdr(caller, &place) != 0 && place.dli_fname != nullptr
        && std::strstr(place.dli_fname, "libdnnl") != nullptr;
}

void* allocate(std::size_t size, std::size_t alignment, const void* caller)
{
    if (theKind == Kind::Memory && isArmed && !isFromOneDnn(caller) && strikes(false)) {
        return nullptr;
    }
    if (alignment <= alignof(std::max_align_t)) {
        return std::malloc(size > 0 ? size : 1);
    }
    static auto* const real = next<int(void**, std::size_t, std::size_t)>("posix_memalign");
    void* result = nullptr;
    return real(&result, alignment, size > 0 ? size : 1) == 0 ? result : nullptr;
}

void* allocateOrThrow(std::size_t size, std::size_t alignment, const void* caller)
{
    void* result = allocate(size, alignment, caller);
    if (result == nullptr) {
        throw std::bad_alloc();
    }
    return result;
}

} // namespace

#define HOOK extern "C" __attribute__((visibility("default")))

HOOK int __libc_start_main(MainFunction* main, int argc, char** argv, void (*init)(), void (*fini)(),
                           void (*rtldFini)(), void* stackEnd)
{
    theMain = main;
    auto* const real =
        next<int(MainFunction*, int, char**, void (*)(), void (*)(), void (*)(), void*)>("__libc_start_main");
    return real(armedMain, argc, argv, init, fini, rtldFini, stackEnd);
}

HOOK ssize_t write(int descriptor, const void* data, size_t size)
{
    static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
    const long may = allowed(descriptor, size, true);
    return may < 0 ? -1 : real(descriptor, data, static_cast<std::size_t>(may));
}

HOOK ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset)
{
    static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
    const long may = allowed(descriptor, size, true);
    return may < 0 ? -1 : real(descriptor, data, static_cast<std::size_t>(may), offset);
}

HOOK ssize_t read(int descriptor, void* data, size_t size)
{
    static auto* const real = next<ssize_t(int, void*, size_t)>("read");
    const long may = allowed(descriptor, size, false);
    return may < 0 ? -1 : real(descriptor, data, static_cast<std::size_t>(may));
}

HOOK ssize_t pread(int descriptor, void* data, size_t size, off_t offset)
{
    static auto* const real = next<ssize_t(int, void*, size_t, off_t)>("pread");
    const long may = allowed(descriptor, size, false);
    return may < 0 ? -1 : real(descriptor, data, static_cast<std::size_t>(may), offset);
}

HOOK ssize_t pread64(int descriptor, void* data, size_t size, off_t offset)
{
    return pread(descriptor, data, size, offset);
}

HOOK int fsync(int descriptor)
{
    static auto* const real = next<int(int)>("fsync");
    const long may = theKind == Kind::Short ? 1 : allowed(descriptor, 1, true);
    return may < 0 ? -1 : real(descriptor);
}

HOOK int posix_memalign(void** result, size_t alignment, size_t size)
{
    *result = allocate(size, alignment < 32 ? 32 : alignment, __builtin_return_address(0));
    return *result ? 0 : ENOMEM;
}

void* operator new(std::size_t size) { return allocateOrThrow(size, 1, __builtin_return_address(0)); }
void* operator new[](std::size_t size) { return allocateOrThrow(size, 1, __builtin_return_address(0)); }
void* operator new(std::size_t size, std::align_val_t a)
{
    return allocateOrThrow(size, std::size_t(a), __builtin_return_address(0));
}
void* operator new[](std::size_t size, std::align_val_t a)
{
    return allocateOrThrow(size, std::size_t(a), __builtin_return_address(0));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    return allocate(size, 1, __builtin_return_address(0));
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept
{
    return allocate(size, 1, __builtin_return_address(0));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
