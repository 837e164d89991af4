#include "cassandra/driver/tsan_annotations.hpp"

#ifdef __SANITIZE_THREAD__

#include <pthread.h>
#include <sanitizer/tsan_interface.h>

#include <array>
#include <string_view>

extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}

namespace bytestore::cassandra {
namespace {

bool on_driver_thread() noexcept {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return std::string_view(name.data()).starts_with("bytestore-drv");
}

/// Whether the sanitizer watches this thread. It ends the process if a thread ends unwatched.
class Watch {
 public:
  ~Watch() { on(); }

  void set_driver(bool is_driver) noexcept {
    on();
    is_driver_ = is_driver;
    off();
  }

  void off() noexcept {
    if (unwatched_ || !is_driver_) return;
    unwatched_ = true;
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }

  void on() noexcept {
    if (!unwatched_) return;
    unwatched_ = false;
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }

 private:
  bool is_driver_ = on_driver_thread();
  bool unwatched_ = false;
};

thread_local Watch watch;

}  // namespace

void tsan_release(void* object) noexcept { __tsan_release(object); }

TsanAcquire::TsanAcquire(void* object) noexcept {
  watch.on();
  __tsan_acquire(object);
}

TsanAcquire::~TsanAcquire() { watch.off(); }

TsanDriving::TsanDriving() noexcept { watch.set_driver(true); }

TsanDriving::~TsanDriving() { watch.set_driver(false); }

}  // namespace bytestore::cassandra

#endif
