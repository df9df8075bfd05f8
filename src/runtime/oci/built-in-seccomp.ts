/**
 * The profile for nodes without containers-common: everything is allowed but what reaches outside a
 * container or at the kernel itself, each refusal lifted by the capability that stands for it. In
 * the form with conditions, so that the same conversion decides them.
 */
export function builtInSeccomp(): object {
  return {
    defaultAction: "SCMP_ACT_ALLOW",
    archMap: [
      {
        architecture: "SCMP_ARCH_X86_64",
        subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"],
      },
      { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
    ],
    syscalls: [
      refuse(NEVER),
      ...Object.entries(UNLESS_CAPABLE).map(([capability, names]) =>
        refuse(names, { caps: [capability] }),
      ),
      // clone(CLONE_NEWUSER): a user namespace is a way to the kernel's less guarded parts.
      {
        ...refuse(["clone"], { caps: ["CAP_SYS_ADMIN"] }),
        args: [{ index: 0, value: 0x1000_0000, valueTwo: 0x1000_0000, op: "SCMP_CMP_MASKED_EQ" }],
      },
      // Its flags lie in memory, where a filter cannot look: programs then fall back to clone.
      { ...refuse(["clone3"], { caps: ["CAP_SYS_ADMIN"] }), errnoRet: ENOSYS },
    ],
  };
}

const EPERM = 1;
const ENOSYS = 38;

const NEVER = [
  "add_key",
  "create_module",
  "get_kernel_syms",
  "kexec_file_load",
  "kexec_load",
  "keyctl",
  "move_pages",
  "nfsservctl",
  "pivot_root",
  "query_module",
  "request_key",
  "swapoff",
  "swapon",
  "_sysctl",
  "sysfs",
  "uselib",
  "userfaultfd",
  "ustat",
  "vm86",
  "vm86old",
];

const UNLESS_CAPABLE: Readonly<Record<string, readonly string[]>> = {
  CAP_SYS_ADMIN: [
    "bpf",
    "fanotify_init",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "lookup_dcookie",
    "mount",
    "mount_setattr",
    "move_mount",
    "open_tree",
    "perf_event_open",
    "quotactl",
    "quotactl_fd",
    "setdomainname",
    "sethostname",
    "setns",
    "umount",
    "umount2",
    "unshare",
  ],
  CAP_SYS_BOOT: ["reboot"],
  CAP_SYS_MODULE: ["delete_module", "finit_module", "init_module"],
  CAP_SYS_PACCT: ["acct"],
  CAP_SYS_RAWIO: ["iopl", "ioperm"],
  CAP_SYS_TIME: ["clock_settime", "clock_settime64", "settimeofday", "stime"],
  CAP_SYS_TTY_CONFIG: ["vhangup"],
  CAP_SYS_PTRACE: ["kcmp", "process_vm_readv", "process_vm_writev"],
  CAP_DAC_READ_SEARCH: ["open_by_handle_at"],
};

function refuse(names: readonly string[], excludes: object = {}): object {
  return { names, action: "SCMP_ACT_ERRNO", errnoRet: EPERM, excludes };
}
