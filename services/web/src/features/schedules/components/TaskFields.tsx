import { HostField } from '@/features/hosts'
import { VolumeOptions } from '@/features/volumes'
import { Choice } from '@/ui/Choice'
import { Field } from '@/ui/Field'
import { SelectField } from '@/ui/SelectField'
import type { Problems, ScheduleForm } from '../form'

interface TaskFieldsProps {
  form: ScheduleForm
  set: (change: Partial<ScheduleForm>) => void
  problems: Problems
}

/** What a schedule does, more exactly. */
export function TaskFields({ form, set, problems }: TaskFieldsProps) {
  switch (form.kind) {
    case 'system.prune':
      return (
        <>
          <HostField value={form.host} onValue={(host) => set({ host })} error={problems.host} />
          <fieldset className="dl-field dl-choices">
            <legend className="form-label">What is removed</legend>
            <Choice checked={form.containers} onChange={(containers) => set({ containers })} label="Stopped containers" />
            <Choice checked={form.networks} onChange={(networks) => set({ networks })} label="Unused networks" />
            <Choice checked={form.buildCache} onChange={(buildCache) => set({ buildCache })} label="Build cache" />
            {problems.containers !== undefined && (
              <div className="invalid-feedback dl-block" role="alert">
                {problems.containers}
              </div>
            )}
          </fieldset>
          <div className="dl-form-row">
            <SelectField
              label="Images"
              value={form.images}
              options={[
                { value: 'none', label: 'None' },
                { value: 'dangling', label: 'Without a tag' },
                { value: 'all', label: 'All that no container uses' },
              ]}
              onValue={(images) => set({ images })}
            />
            <SelectField
              label="Volumes"
              value={form.volumes}
              options={[
                { value: 'none', label: 'None' },
                { value: 'anonymous', label: 'Without a name' },
                { value: 'all', label: 'All that no container uses' },
              ]}
              onValue={(volumes) => set({ volumes })}
            />
          </div>
          {form.volumes !== 'none' && (
            <p className="dl-note dl-tone-red">What the volumes hold is lost for good{form.volumes === 'all' ? ', also of stacks that are stopped for a while.' : '.'}</p>
          )}
          {form.volumes === 'none' && (
            <Field
              label="Only what is older than, in hours"
              inputMode="numeric"
              placeholder="whatever its age"
              value={form.olderThanHours}
              onValue={(olderThanHours) => set({ olderThanHours })}
              error={problems.olderThanHours}
            />
          )}
        </>
      )
    case 'volume.backup':
      return (
        <>
          <HostField value={form.host} onValue={(host) => set({ host })} error={problems.host} />
          <div className="dl-form-row">
            <Field
              label="Volume"
              className="dl-mono"
              list="dl-schedule-volumes"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={form.volume}
              onValue={(volume) => set({ volume })}
              error={problems.volume}
            />
            <Field label="Backups to keep" inputMode="numeric" value={form.keep} onValue={(keep) => set({ keep })} error={problems.keep} />
          </div>
          <VolumeOptions id="dl-schedule-volumes" host={form.host} />
        </>
      )
    case 'image.update_check':
      return <HostField value={form.host} none="All hosts" onValue={(host) => set({ host })} error={problems.host} />
  }
}
