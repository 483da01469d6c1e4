interface EventsEndProps {
  /** Of what this was all, as `this container`. */
  of: string
}

/** Where a list of events ends, and why there. The server tells nobody whether it keeps a history, so both are named. */
export function EventsEnd({ of }: EventsEndProps) {
  return (
    <p className="dl-events-end">
      Nothing more is kept of {of}. A cluster without Kafka keeps no history: there, these are only the latest events. Live events are shown all the
      same.
    </p>
  )
}
