;; Takes the headers off CRI log entries: `TIMESTAMP STREAM TAG TEXT`, sixteen bytes at a time.
;;
;; Memory begins with the state, 32-bit integers that both sides read and write:
;;    0 position   the next byte to decode; the input lies behind the state
;;    4 end        of the input; 64 bytes behind it are zero
;;    8 stdout     where the next byte of each stream's output goes
;;   12 stderr
;;   16 inText     whether position is inside the text of an entry whose header was seen
;;   20 stream     of that entry: 0 stdout, 1 stderr
;;   24 isPart     whether its newline is no end of a line
;;   28 isShared   1 where both streams go to the output of stdout
;;   32 wanted     bit 0: stdout, bit 1: stderr
;;
;; decode() goes on until the input is used up, and returns 0; or until the line at `position` is not
;; plainly an entry (another format, further tags, or cut off by the end), and returns 1. It writes at
;; most 15 bytes behind what it tells to have written.
(module
  (memory (export "memory") 1)
  (func (export "decode") (result i32)
    (local $position i32) (local $end i32) (local $stream i32) (local $isPart i32)
    (local $stdout i32) (local $stderr i32) (local $toStderr i32) (local $to i32)
    (local $space i32) (local $found i32) (local $isOdd i32)
    (local $word i64) (local $bytes v128) (local $blank v128) (local $newline v128)
    (local.set $blank (i8x16.splat (i32.const 33)))
    (local.set $newline (i8x16.splat (i32.const 10)))
    (local.set $position (i32.load offset=0 (i32.const 0)))
    (local.set $end (i32.load offset=4 (i32.const 0)))
    (local.set $stdout (i32.load offset=8 (i32.const 0)))
    (local.set $stderr (i32.load offset=12 (i32.const 0)))
    (local.set $stream (i32.load offset=20 (i32.const 0)))
    (local.set $isPart (i32.load offset=24 (i32.const 0)))
    (local.set $isOdd (i32.const 1))
    (block $stop
      (loop $entry
        (if (i32.ge_u (local.get $position) (local.get $end)) (then
          (local.set $isOdd (i32.const 0))
          (br $stop)))
        (if (i32.eqz (i32.load offset=16 (i32.const 0))) (then
          ;; "2026-…T…": nothing below "!" in the first 20 bytes, which are in all timestamps
          (br_if $stop (i32.ne (i32.load8_u offset=4 (local.get $position)) (i32.const 45)))
          (br_if $stop (i32.ne (i32.load8_u offset=10 (local.get $position)) (i32.const 84)))
          (br_if $stop (v128.any_true (v128.or
            (i8x16.lt_u (v128.load (local.get $position)) (local.get $blank))
            (i8x16.lt_u (v128.load offset=4 (local.get $position)) (local.get $blank)))))
          ;; the first blank in the 16 bytes after them ends it
          (local.set $found (i8x16.bitmask
            (i8x16.lt_u (v128.load offset=20 (local.get $position)) (local.get $blank))))
          (br_if $stop (i32.eqz (local.get $found)))
          (local.set $space (i32.add (local.get $position)
            (i32.add (i32.const 20) (i32.ctz (local.get $found)))))
          (br_if $stop (i32.ne (i32.load8_u (local.get $space)) (i32.const 32)))
          (local.set $word (i64.load offset=1 (local.get $space)))
          (block $known
            (local.set $stream (i32.const 0))
            (local.set $isPart (i32.const 0))
            (br_if $known (i64.eq (local.get $word) (i64.const 0x462074756f647473))) ;; stdout F
            (local.set $stream (i32.const 1))
            (br_if $known (i64.eq (local.get $word) (i64.const 0x4620727265647473))) ;; stderr F
            (local.set $isPart (i32.const 1))
            (br_if $known (i64.eq (local.get $word) (i64.const 0x5020727265647473))) ;; stderr P
            (local.set $stream (i32.const 0))
            (br_if $known (i64.eq (local.get $word) (i64.const 0x502074756f647473))) ;; stdout P
            (br $stop))
          ;; a space before the text, or the newline of an entry without any
          (local.set $found (i32.load8_u offset=9 (local.get $space)))
          (br_if $stop (i32.and
            (i32.ne (local.get $found) (i32.const 32))
            (i32.ne (local.get $found) (i32.const 10))))
          (local.set $position (i32.add (local.get $space)
            (i32.add (i32.const 9) (i32.eq (local.get $found) (i32.const 32)))))
          (i32.store offset=16 (i32.const 0) (i32.const 1))))
        (local.set $toStderr (i32.and
          (local.get $stream)
          (i32.eqz (i32.load offset=28 (i32.const 0)))))
        (local.set $to (select (local.get $stderr) (local.get $stdout) (local.get $toStderr)))
        (block $copied
          (loop $copy
            (br_if $copied (i32.ge_u (local.get $position) (local.get $end)))
            (local.set $bytes (v128.load (local.get $position)))
            (v128.store (local.get $to) (local.get $bytes))
            (local.set $found (i8x16.bitmask (i8x16.eq (local.get $bytes) (local.get $newline))))
            (if (local.get $found) (then
              (local.set $found (i32.ctz (local.get $found)))
              (local.set $position (i32.add (local.get $position) (local.get $found)))
              (local.set $to (i32.add (local.get $to) (local.get $found)))
              ;; what lies behind the end is none of ours
              (br_if $copied (i32.ge_u (local.get $position) (local.get $end)))
              (local.set $position (i32.add (local.get $position) (i32.const 1)))
              (local.set $to (i32.add (local.get $to) (i32.eqz (local.get $isPart))))
              (i32.store offset=16 (i32.const 0) (i32.const 0))
              (br $copied)))
            (local.set $position (i32.add (local.get $position) (i32.const 16)))
            (local.set $to (i32.add (local.get $to) (i32.const 16)))
            (br $copy)))
        (if (i32.gt_u (local.get $position) (local.get $end)) (then
          (local.set $to (i32.sub (local.get $to)
            (i32.sub (local.get $position) (local.get $end))))
          (local.set $position (local.get $end))))
        (if (i32.and (i32.const 1)
              (i32.shr_u (i32.load offset=32 (i32.const 0)) (local.get $stream))) (then
          (if (local.get $toStderr)
            (then (local.set $stderr (local.get $to)))
            (else (local.set $stdout (local.get $to))))))
        (br $entry)))
    (i32.store offset=0 (i32.const 0) (local.get $position))
    (i32.store offset=8 (i32.const 0) (local.get $stdout))
    (i32.store offset=12 (i32.const 0) (local.get $stderr))
    (i32.store offset=20 (i32.const 0) (local.get $stream))
    (i32.store offset=24 (i32.const 0) (local.get $isPart))
    (local.get $isOdd))
)
