// A value, or the error that came instead. Errors are sorted by what the caller must do, because
// that is the only thing a caller wants to know; the message is for people.
#pragma once

#include <cassert>
#include <functional>
#include <string>
#include <utility>
#include <variant>

namespace redis_zk::core {

enum class Fault {
    ask_again,        // it may have happened, it may not: look, then ask again
    connection_lost,  // the session or connection is gone: build a new one
    refused,          // the other side said no: believe it
};

struct Error {
    Fault fault;
    std::string message;  // one sentence without a full stop; never contains a secret
    int code = 0;         // the library's own number, for a caller that expects one certain refusal
};

const char* name_of(Fault fault);

template <typename T>
class Result {
  public:
    Result(T value) : content_{std::move(value)} {}
    Result(Error error) : content_{std::move(error)} {}

    explicit operator bool() const { return std::holds_alternative<T>(content_); }

    const T& value() const& {
        assert(*this);
        return std::get<T>(content_);
    }
    T&& value() && {
        assert(*this);
        return std::get<T>(std::move(content_));
    }
    const T& operator*() const& { return value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const {
        assert(!*this);
        return std::get<Error>(content_);
    }

  private:
    std::variant<T, Error> content_;
};

// What a request without an answer worth keeping gives back.
struct Done {};

// Called exactly once, on the loop, unless the object that was asked is destroyed first.
template <typename T>
using Callback = std::function<void(Result<T>)>;

}  // namespace redis_zk::core
