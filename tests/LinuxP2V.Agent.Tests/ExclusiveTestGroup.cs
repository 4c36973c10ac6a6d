namespace LinuxP2V.Agent.Tests;

/// <summary>
/// Tests that nothing may run beside. A test that mounts and unmounts disks again is one: a copy that runs beside it takes
/// the mounts along into its private mount namespace, and the kernel then refuses to mount the disk in another way.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ExclusiveTestGroup
{
    public const string Name = "nothing runs beside";
}
