namespace LinuxP2V.Agent.Session;

/// <summary>What ends the helper once nobody needs it: the VM's power in the helper, the process alone elsewhere.</summary>
internal interface IPowerSwitch
{
    /// <param name="isFinished">The copy is whole and marked: the last message to the hypervisor says so.</param>
    Task PowerOffAsync(bool isFinished);
}
