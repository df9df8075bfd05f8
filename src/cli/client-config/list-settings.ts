import type { SettingValue } from "../../config/setting-keys.ts";
import { type List, plainDocument } from "../list-output/list.ts";
import { type EffectiveSetting, formatSource, formatValue } from "./effective-settings.ts";

/** A key of crictl's file, with what it says or means by its absence. */
export interface FileSetting {
  readonly key: string;
  readonly value: SettingValue;
}

/** As a document: the file's own keys and values. */
export function fileList(items: readonly FileSetting[]): List<FileSetting> {
  return {
    ...keyedBy(items),
    whole: (documents) =>
      Object.fromEntries(documents.map(({ key, value = null }) => [String(key), value])),
    columns: [
      { title: "KEY", cell: ({ key }) => key },
      { title: "VALUE", cell: ({ value }) => String(value) },
    ],
  };
}

export function effectiveList(items: readonly EffectiveSetting[]): List<EffectiveSetting> {
  return {
    ...keyedBy(items),
    whole: (documents) => [...documents],
    columns: [
      { title: "KEY", cell: ({ key }) => key },
      { title: "VALUE", cell: formatValue },
      { title: "SOURCE", cell: formatSource },
    ],
  };
}

function keyedBy<Item extends { readonly key: string }>(items: readonly Item[]) {
  return {
    items,
    document: plainDocument<Item>,
    id: ({ key }: Item) => key,
    reference: ({ key }: Item) => key,
    rows: (item: Item) => [item],
    dispensable: [],
  };
}
