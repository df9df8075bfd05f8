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
;;   36 isByLine   1 to take whole lines alone: a part of a line is odd then, and an entry whose newline
;;                 is not there is left where it is
;;   40 hasStamps  with isByLine: 1 to put the timestamp before each line, with nine digits of fraction
;;   44 bounds     with isByLine: bit 0: leave out what is before since; bit 1: what is after until
;;   48 zoneBytes  length of the zone that both are written in; a timestamp in another one is odd
;;   64 since      32 bytes each: the time with nine digits of fraction, zeros behind it
;;   96 until
;;  128 zone       eight bytes, zeros behind it
;;
;; decode() goes on until the input is used up, and returns 0; or until the line at `position` is not
;; plainly an entry (another format, further tags, or cut off by the end), and returns 1. What it
;; leaves out it writes all the same, behind what it tells to have written. From 144 it needs 64 bytes.
(module
  (memory (export "memory") 1)
  ;; Whether the 32 bytes of a time are before those of another, at $right: by the first byte that differs.
  (func $isBefore (param $low v128) (param $high v128) (param $right i32) (result i32)
    (local $mask i32) (local $place i32)
    (local.set $mask (i32.or
      (i8x16.bitmask (i8x16.ne (local.get $low) (v128.load (local.get $right))))
      (i32.shl
        (i8x16.bitmask (i8x16.ne (local.get $high) (v128.load offset=16 (local.get $right))))
        (i32.const 16))))
    (if (i32.eqz (local.get $mask)) (then (return (i32.const 0))))
    (local.set $place (i32.ctz (local.get $mask)))
    ;; a vector has no lane by a variable index: its bytes are looked up in memory, at 144
    (v128.store (i32.const 144) (local.get $low))
    (v128.store (i32.const 160) (local.get $high))
    (i32.lt_u
      (i32.load8_u offset=144 (local.get $place))
      (i32.load8_u (i32.add (local.get $right) (local.get $place)))))
  (func (export "decode") (result i32)
    (local $position i32) (local $end i32) (local $stream i32) (local $isPart i32)
    (local $stdout i32) (local $stderr i32) (local $toStderr i32) (local $to i32)
    (local $space i32) (local $found i32) (local $isOdd i32)
    (local $word i64) (local $bytes v128) (local $blank v128) (local $newline v128)
    (local $entry i32) (local $digits i32) (local $zone i32) (local $isOut i32)
    (local $isByLine i32) (local $low v128) (local $high v128) (local $zeros v128)
    (local.set $blank (i8x16.splat (i32.const 33)))
    (local.set $newline (i8x16.splat (i32.const 10)))
    (local.set $zeros (i8x16.splat (i32.const 48)))
    (local.set $isByLine (i32.load offset=36 (i32.const 0)))
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
            (br_if $stop (local.get $isByLine))
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
          (if (local.get $isByLine) (then
            (local.set $entry (local.get $position))
            ;; ".123456789Z": at most nine digits, then the zone
            (local.set $bytes (v128.load offset=20 (local.get $position)))
            (local.set $digits (i32.ctz (i8x16.bitmask (i8x16.gt_u
              (i8x16.sub (local.get $bytes) (local.get $zeros))
              (i8x16.splat (i32.const 9))))))
            (br_if $stop (i32.gt_u (local.get $digits) (i32.const 9)))
            (br_if $stop (i32.ne (i32.load8_u offset=19 (local.get $position)) (i32.const 46)))
            (local.set $zone (i32.add (local.get $position)
              (i32.add (i32.const 20) (local.get $digits))))
            (local.set $isOut (i32.const 0))
            (if (i32.load offset=44 (i32.const 0)) (then
              ;; "2026-01-02T03:04" and ":05.123456789", with zeros where digits lack
              (local.set $low (v128.load (local.get $position)))
              (local.set $high (v128.bitselect
                (v128.load offset=16 (local.get $position))
                (local.get $zeros)
                (i8x16.lt_u
                  (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
                  (i8x16.splat (i32.add (local.get $digits) (i32.const 4))))))
              (br_if $stop (v128.any_true (i8x16.ne
                (v128.bitselect (local.get $zeros) (local.get $low)
                  (i8x16.lt_u
                    (i8x16.sub (local.get $low) (local.get $zeros))
                    (i8x16.splat (i32.const 10))))
                (v128.const i8x16 48 48 48 48 45 48 48 45 48 48 84 48 48 58 48 48))))
              (br_if $stop (v128.any_true (i8x16.ne
                (v128.bitselect (local.get $zeros) (local.get $high)
                  (i8x16.lt_u
                    (i8x16.sub (local.get $high) (local.get $zeros))
                    (i8x16.splat (i32.const 10))))
                (v128.const i8x16 58 48 48 46 48 48 48 48 48 48 48 48 48 48 48 48))))
              (br_if $stop (i32.ne
                (i32.sub (local.get $space) (local.get $zone))
                (i32.load offset=48 (i32.const 0))))
              ;; shifting away what lies behind the zone
              (br_if $stop (i64.ne (i64.const 0) (i64.shl
                (i64.xor (i64.load (local.get $zone)) (i64.load offset=128 (i32.const 0)))
                (i64.extend_i32_u (i32.shl
                  (i32.sub (i32.const 8) (i32.load offset=48 (i32.const 0)))
                  (i32.const 3))))))
              (if (i32.and (i32.load offset=44 (i32.const 0)) (i32.const 1)) (then
                (local.set $isOut
                  (call $isBefore (local.get $low) (local.get $high) (i32.const 64)))))
              (if (i32.and (i32.load offset=44 (i32.const 0)) (i32.const 2)) (then
                (v128.store (i32.const 176) (local.get $low))
                (v128.store (i32.const 192) (local.get $high))
                (local.set $isOut (i32.or (local.get $isOut)
                  (call $isBefore
                    (v128.load (i32.const 96)) (v128.load (i32.const 112))
                    (i32.const 176))))))))))
          (local.set $position (i32.add (local.get $space)
            (i32.add (i32.const 9) (i32.eq (local.get $found) (i32.const 32)))))
          (i32.store offset=16 (i32.const 0) (i32.const 1))))
        (local.set $toStderr (i32.and
          (local.get $stream)
          (i32.eqz (i32.load offset=28 (i32.const 0)))))
        (local.set $to (select (local.get $stderr) (local.get $stdout) (local.get $toStderr)))
        (if (i32.load offset=40 (i32.const 0)) (then
          (v128.store (local.get $to) (v128.load (local.get $entry)))
          (v128.store offset=16 (local.get $to) (v128.bitselect
            (v128.load offset=16 (local.get $entry))
            (local.get $zeros)
            (i8x16.lt_u
              (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
              (i8x16.splat (i32.add (local.get $digits) (i32.const 4))))))
          (v128.store offset=29 (local.get $to) (v128.load (local.get $zone)))
          (local.set $to (i32.add (local.get $to)
            (i32.add (i32.const 29) (i32.sub (local.get $space) (local.get $zone)))))
          (i32.store8 (local.get $to) (i32.const 32))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))))
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
        ;; the text goes on behind the input: the whole entry waits for that
        (if (i32.and (local.get $isByLine) (i32.load offset=16 (i32.const 0))) (then
          (i32.store offset=16 (i32.const 0) (i32.const 0))
          (local.set $position (local.get $entry))
          (local.set $isOdd (i32.const 0))
          (br $stop)))
        (if (i32.gt_u (local.get $position) (local.get $end)) (then
          (local.set $to (i32.sub (local.get $to)
            (i32.sub (local.get $position) (local.get $end))))
          (local.set $position (local.get $end))))
        (if (i32.and (i32.eqz (local.get $isOut)) (i32.and (i32.const 1)
              (i32.shr_u (i32.load offset=32 (i32.const 0)) (local.get $stream)))) (then
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
