;; CRC-32C of bytes in this memory, which are only read.
;;
;; The memory, as ../image_memory.ts lays it out:
;;       0  the tables of slicing-by-16, written from outside: table k, at 1024 k, has for each
;;          byte the CRC of that byte and k zero bytes behind it
;;   16384  work space, see below
;;   65536  what there is to sum
;;
;; A CRC is the remainder when the message, taken as a polynomial over GF(2), is divided by P, so it
;; stays the same when a multiple of P is added to the message. This multiple has only six terms, and
;; no other with so few has a lower degree:
;;
;;     x^209 + x^144 + x^54 + x^39 + x^14 + 1
;;
;; Over GF(2) a sum is squared by squaring its terms. Done four times that makes a multiple of P with
;; 16-fold exponents, and those are whole words of 16 bits: a word of the message may be cleared if
;; it is added (xor) to the words 65, 155, 170, 195 and 209 behind it. Clearing one after the other
;; from the front, word i has, when its turn comes, become
;;
;;     d[i] = m[i] ^ d[i-65] ^ d[i-155] ^ d[i-170] ^ d[i-195] ^ d[i-209]
;;
;; None of these is a near neighbour, so eight are computed at once, without a look-up. At the end all
;; is zero but 209 words, and only those go through the tables. Bytes in place of words would leave
;; half as much to the tables, but then a d is read again before the CPU has done with storing it.
;; The message is not touched: the d go to the work space, which keeps the newest of them.
(module
  (import "klite" "memory" (memory 1))

  ;; Bytes of 209 words, rounded up to whole vectors of 16: what is left to the tables, and how many of
  ;; the newest d are needed.
  (global $WINDOW i32 (i32.const 432))
  ;; Bytes computed in one go, before the newest d are moved to the front. Small enough for the L1 cache.
  (global $BLOCK i32 (i32.const 8192))
  ;; Fewer bytes than these go through the tables at once: that is faster.
  (global $LEAST i32 (i32.const 640))

  ;; The work space: the WINDOW of d before the block, the block's d, and the words left at the end.
  (global $BEFORE i32 (i32.const 16384))
  (global $NOW i32 (i32.const 16816)) ;; BEFORE + WINDOW
  (global $REST i32 (i32.const 25008)) ;; NOW + BLOCK
  ;; The 209th word before the block, the farthest that is needed.
  (global $FARTHEST i32 (i32.const 16398)) ;; NOW - 2 * 209

  ;; The CRC of [at, end), going on from `crc`. Neither is inverted.
  (func (export "sum") (param $crc i32) (param $at i32) (param $end i32) (result i32)
    (if (i32.ge_u (i32.sub (local.get $end) (local.get $at)) (global.get $LEAST))
      (then
        (local.set $at (call $fold (local.get $crc) (local.get $at) (local.get $end)))
        (local.set $crc
          (call $look_up
            (i32.const 0)
            (global.get $REST)
            (i32.add (global.get $REST) (global.get $WINDOW))))))
    (call $look_up (local.get $crc) (local.get $at) (local.get $end)))

  ;; Leaves at REST what [at, end) comes to, but for the last bytes that do not fill a vector.
  ;; Returns where those begin.
  (func $fold (param $crc i32) (param $at i32) (param $end i32) (result i32)
    (local $bytes i32) ;; still to be cleared
    (local $block i32)
    (local.set $bytes
      (i32.sub
        (i32.and (i32.sub (local.get $end) (local.get $at)) (i32.const -16))
        (global.get $WINDOW)))
    ;; There is nothing before the message but the CRC so far. It has to be added to the first four
    ;; bytes, and is when it stands 209 words before them, where nothing else reads it.
    (memory.fill (global.get $BEFORE) (i32.const 0) (global.get $WINDOW))
    (i32.store (global.get $FARTHEST) (local.get $crc))
    (loop $blocks
      (local.set $block
        (select
          (local.get $bytes)
          (global.get $BLOCK)
          (i32.lt_u (local.get $bytes) (global.get $BLOCK))))
      (call $add_before (local.get $at) (local.get $block) (global.get $NOW))
      (memory.copy
        (global.get $BEFORE)
        (i32.add (global.get $BEFORE) (local.get $block))
        (global.get $WINDOW))
      (local.set $at (i32.add (local.get $at) (local.get $block)))
      (br_if $blocks (local.tee $bytes (i32.sub (local.get $bytes) (local.get $block)))))
    ;; The last words get what is due to them and are not cleared, so they have no d.
    (memory.fill (global.get $NOW) (i32.const 0) (global.get $WINDOW))
    (call $add_before (local.get $at) (global.get $WINDOW) (global.get $REST))
    (i32.add (local.get $at) (global.get $WINDOW)))

  ;; Writes `bytes` bytes (whole vectors, at least one) to `to`: those at `from`, plus the d that the
  ;; formula names. Those of the first word are the ones before NOW.
  (func $add_before (param $from i32) (param $bytes i32) (param $to i32)
    (local $end i32)
    (local $farthest i32)
    (local.set $end (i32.add (local.get $from) (local.get $bytes)))
    (local.set $farthest (global.get $FARTHEST))
    (loop $vectors
      (v128.store
        (local.get $to)
        (v128.xor
          (v128.xor
            (v128.xor
              (v128.load align=1 (local.get $from))
              (v128.load offset=288 align=2 (local.get $farthest))) ;; 2 * (209 - 65)
            (v128.xor
              (v128.load offset=108 align=2 (local.get $farthest)) ;; 2 * (209 - 155)
              (v128.load offset=78 align=2 (local.get $farthest)))) ;; 2 * (209 - 170)
          (v128.xor
            (v128.load offset=28 align=2 (local.get $farthest)) ;; 2 * (209 - 195)
            (v128.load align=2 (local.get $farthest)))))
      (local.set $farthest (i32.add (local.get $farthest) (i32.const 16)))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (br_if $vectors
        (i32.lt_u
          (local.tee $from (i32.add (local.get $from) (i32.const 16)))
          (local.get $end)))))

  ;; Slicing-by-16: sixteen bytes go in by sixteen look-ups that do not wait for each other. The more
  ;; bytes of the sixteen are behind a byte, the higher its table.
  (func $look_up (param $crc i32) (param $at i32) (param $end i32) (result i32)
    (local $b i32)
    (local $c i32)
    (local $d i32)
    (block $fewer
      (loop $sixteens
        (br_if $fewer (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
        (local.set $crc (i32.xor (local.get $crc) (i32.load align=1 (local.get $at))))
        (local.set $b (i32.load offset=4 align=1 (local.get $at)))
        (local.set $c (i32.load offset=8 align=1 (local.get $at)))
        (local.set $d (i32.load offset=12 align=1 (local.get $at)))
        (local.set $crc
          (i32.xor
            (i32.xor
              (i32.xor
                (i32.xor
                  (i32.load offset=15360 (call $slot (local.get $crc)))
                  (i32.load offset=14336 (call $slot (i32.shr_u (local.get $crc) (i32.const 8)))))
                (i32.xor
                  (i32.load offset=13312 (call $slot (i32.shr_u (local.get $crc) (i32.const 16))))
                  (i32.load offset=12288 (call $slot (i32.shr_u (local.get $crc) (i32.const 24))))))
              (i32.xor
                (i32.xor
                  (i32.load offset=11264 (call $slot (local.get $b)))
                  (i32.load offset=10240 (call $slot (i32.shr_u (local.get $b) (i32.const 8)))))
                (i32.xor
                  (i32.load offset=9216 (call $slot (i32.shr_u (local.get $b) (i32.const 16))))
                  (i32.load offset=8192 (call $slot (i32.shr_u (local.get $b) (i32.const 24)))))))
            (i32.xor
              (i32.xor
                (i32.xor
                  (i32.load offset=7168 (call $slot (local.get $c)))
                  (i32.load offset=6144 (call $slot (i32.shr_u (local.get $c) (i32.const 8)))))
                (i32.xor
                  (i32.load offset=5120 (call $slot (i32.shr_u (local.get $c) (i32.const 16))))
                  (i32.load offset=4096 (call $slot (i32.shr_u (local.get $c) (i32.const 24))))))
              (i32.xor
                (i32.xor
                  (i32.load offset=3072 (call $slot (local.get $d)))
                  (i32.load offset=2048 (call $slot (i32.shr_u (local.get $d) (i32.const 8)))))
                (i32.xor
                  (i32.load offset=1024 (call $slot (i32.shr_u (local.get $d) (i32.const 16))))
                  (i32.load (call $slot (i32.shr_u (local.get $d) (i32.const 24)))))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $sixteens)))
    (block $none
      (loop $bytes
        (br_if $none (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $crc
          (i32.xor
            (i32.shr_u (local.get $crc) (i32.const 8))
            (i32.load (call $slot (i32.xor (local.get $crc) (i32.load8_u (local.get $at)))))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $bytes)))
    (local.get $crc))

  ;; Where a table has the entry of the word's lowest byte.
  (func $slot (param $word i32) (result i32)
    (i32.shl (i32.and (local.get $word) (i32.const 255)) (i32.const 2))))
