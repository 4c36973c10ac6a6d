// Machines under TCG: two at a time would take each other's processor.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
