// One wine prefix, one vCenter, two processors.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

[assembly: AssemblyTrait("Area", "Windows")]
[assembly: AssemblyTrait("Run", "Full")]
