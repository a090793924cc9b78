#pragma once
#include <cstddef>

namespace codecosim {

/// A list of objects that live elsewhere and hold their own links, so that nothing is allocated: T is derived from
/// IntrusiveList<T>::Hook. An object is in one list at most, keeps its address, and is removed before it is destroyed.
template <class T>
class IntrusiveList {
 public:
  class Hook {
   public:
    bool linked() const { return linked_; }

   private:
    friend class IntrusiveList;
    T* previous_ = nullptr;
    T* next_ = nullptr;
    bool linked_ = false;
  };

  IntrusiveList() = default;
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  /// Null where there is none.
  T* first() const { return first_; }
  static T* next(const T& one) { return hook(one).next_; }
  bool empty() const { return first_ == nullptr; }
  std::size_t size() const { return size_; }

  void append(T& one) {
    Hook& own = one;
    own.previous_ = last_;
    own.next_ = nullptr;
    own.linked_ = true;
    (last_ ? last_->Hook::next_ : first_) = &one;
    last_ = &one;
    ++size_;
  }
  void remove(T& one) {
    Hook& own = one;
    (own.previous_ ? own.previous_->Hook::next_ : first_) = own.next_;
    (own.next_ ? own.next_->Hook::previous_ : last_) = own.previous_;
    own.linked_ = false;
    --size_;
  }

 private:
  static const Hook& hook(const T& one) { return one; }

  T* first_ = nullptr;
  T* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace codecosim
