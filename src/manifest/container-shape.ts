import {
  BOOLEAN,
  INTEGER,
  list,
  map,
  object,
  oneOf,
  QUANTITY,
  refused,
  required,
  STRING,
  UNSUPPORTED,
  type ValueOf,
} from "./shape.ts";

export const FIELD_REF = object({ apiVersion: STRING, fieldPath: required(STRING) });
export const RESOURCE_FIELD_REF = object({
  containerName: STRING,
  resource: required(STRING),
  divisor: QUANTITY,
});
const KEY_REF = object({ name: required(STRING), key: required(STRING), optional: BOOLEAN });
const SOURCE_REF = object({ name: required(STRING), optional: BOOLEAN });

const ENV = object({
  name: required(STRING),
  value: STRING,
  valueFrom: object({
    configMapKeyRef: KEY_REF,
    secretKeyRef: KEY_REF,
    fieldRef: FIELD_REF,
    resourceFieldRef: RESOURCE_FIELD_REF,
    fileKeyRef: refused(),
  }),
});

const VOLUME_MOUNT = object({
  name: required(STRING),
  mountPath: required(STRING),
  readOnly: BOOLEAN,
  recursiveReadOnly: oneOf("Disabled", "IfPossible", "Enabled"),
  subPath: STRING,
  subPathExpr: STRING,
  mountPropagation: oneOf("None", "HostToContainer", "Bidirectional"),
});

/** Of seccomp and of AppArmor. */
export const PROFILE = object({
  type: required(oneOf("RuntimeDefault", "Unconfined", "Localhost")),
  localhostProfile: STRING,
});
export const SELINUX_OPTIONS = object({
  user: STRING,
  role: STRING,
  type: STRING,
  level: STRING,
});

const SECURITY_CONTEXT = object({
  runAsUser: INTEGER,
  runAsGroup: INTEGER,
  runAsNonRoot: BOOLEAN,
  privileged: BOOLEAN,
  readOnlyRootFilesystem: BOOLEAN,
  allowPrivilegeEscalation: BOOLEAN,
  capabilities: object({ add: list(STRING), drop: list(STRING) }),
  seccompProfile: PROFILE,
  appArmorProfile: PROFILE,
  seLinuxOptions: SELINUX_OPTIONS,
  procMount: oneOf("Default", "Unmasked"),
  windowsOptions: UNSUPPORTED,
});

export const RESOURCES = object({
  limits: map(QUANTITY),
  requests: map(QUANTITY),
  claims: refused("devices of dynamic resource allocation need a cluster"),
});

const HOOK = object({
  exec: object({ command: list(STRING) }),
  sleep: object({ seconds: required(INTEGER) }),
  httpGet: UNSUPPORTED,
  tcpSocket: UNSUPPORTED,
});

export const CONTAINER = object({
  name: required(STRING),
  image: required(STRING),
  imagePullPolicy: oneOf("Always", "IfNotPresent", "Never"),
  command: list(STRING),
  args: list(STRING),
  workingDir: STRING,
  ports: list(
    object({
      name: STRING,
      containerPort: required(INTEGER),
      hostPort: INTEGER,
      hostIP: STRING,
      protocol: oneOf("TCP", "UDP", "SCTP"),
    }),
  ),
  env: list(ENV),
  envFrom: list(object({ prefix: STRING, configMapRef: SOURCE_REF, secretRef: SOURCE_REF })),
  resources: RESOURCES,
  volumeMounts: list(VOLUME_MOUNT),
  securityContext: SECURITY_CONTEXT,
  lifecycle: object({ postStart: HOOK, preStop: UNSUPPORTED, stopSignal: STRING }),
  terminationMessagePath: STRING,
  terminationMessagePolicy: oneOf("File", "FallbackToLogsOnError"),
  stdin: BOOLEAN,
  stdinOnce: BOOLEAN,
  tty: BOOLEAN,
  /** Of an init container: Always makes it a sidecar. */
  restartPolicy: oneOf("Always", "OnFailure", "Never"),
  restartPolicyRules: UNSUPPORTED,
  livenessProbe: UNSUPPORTED,
  readinessProbe: UNSUPPORTED,
  startupProbe: UNSUPPORTED,
  resizePolicy: UNSUPPORTED,
  volumeDevices: refused("mount a file or directory with hostPath"),
});

export type ContainerManifest = ValueOf<typeof CONTAINER>;
export type EnvManifest = ValueOf<typeof ENV>;
export type VolumeMountManifest = ValueOf<typeof VOLUME_MOUNT>;
export type ResourcesManifest = ValueOf<typeof RESOURCES>;
export type ProfileManifest = ValueOf<typeof PROFILE>;
export type FieldRef = ValueOf<typeof FIELD_REF>;
export type ResourceFieldRef = ValueOf<typeof RESOURCE_FIELD_REF>;
