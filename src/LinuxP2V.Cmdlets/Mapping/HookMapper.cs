using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>The user's scripts, as objects and as the engine takes them.</summary>
internal static class HookMapper
{
    public static P2VHook ToObject(HookScript hook) =>
        new(hook.Name)
        {
            Moment = EnumMapper.Map<P2VHookMoment>(hook.Moment),
            ContinueOnError = hook.ContinueOnError,
            TimeoutSec = hook.TimeoutSeconds,
            Script = hook.Text,
        };

    public static HookScript ToEngine(P2VHook hook) =>
        new()
        {
            Name = hook.Name,
            Moment = EnumMapper.Map<HookMoment>(hook.Moment),
            ContinueOnError = hook.ContinueOnError,
            TimeoutSeconds = hook.TimeoutSec,
            Text = hook.Script,
        };

    /// <summary>For -WhatIf.</summary>
    public static string Where(P2VHookMoment moment) =>
        moment switch
        {
            P2VHookMoment.BeforeCopy => "on the source, before the first pass",
            P2VHookMoment.BeforeReconfiguration => "in the copy, before it is made bootable",
            P2VHookMoment.AfterReconfiguration => "in the copy, after it was made bootable",
            _ => "in the VM, when it first starts",
        };
}
