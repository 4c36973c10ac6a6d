namespace LinuxP2V.Cmdlets;

// Member names are the engine's, see EnumMapper; the types are ours, since PowerShell reads them before the engine can load.
public enum P2VDiskStorageFormat
{
    Thin,
    Thick,
    EagerZeroedThick,
}

public enum P2VDiskController
{
    Pvscsi,
    LsiLogicSas,
    LsiLogic,
    Ahci,
    Nvme,
    VirtioScsi,
}

public enum P2VNetworkAdapterType
{
    Vmxnet3,
    E1000e,
    E1000,
    VirtioNet,
}

public enum P2VLvmMode
{
    Keep,
    Basic,
}

public enum P2VIdentity
{
    Keep,
    New,
}

public enum P2VHostKeyPolicy
{
    Strict,
    AcceptNew,
}

public enum P2VAccelerator
{
    Auto,
    Kvm,
    Tcg,
}

public enum P2VDiskImageFormat
{
    Qcow2,
    Raw,
    Vmdk,
}

public enum P2VCompression
{
    Auto,
    None,
    Zstd,
    Gzip,
}

public enum P2VCopyMode
{
    Auto,
    File,
    Block,
}

public enum P2VDifferenceKind
{
    Missing,
    Extra,
    Type,
    Size,
    Content,
    Mode,
    Owner,
    Time,
    LinkTarget,
    HardLink,
    Attributes,
    Device,
    Flags,
}

public enum P2VFindingSeverity
{
    Information,
    Warning,
    Error,
}

/// <summary>When a hook runs, and where.</summary>
public enum P2VHookMoment
{
    /// <summary>On the source, before the first pass.</summary>
    BeforeCopy,

    /// <summary>In the copy, before it is made bootable.</summary>
    BeforeReconfiguration,

    /// <summary>In the copy, after it was made bootable.</summary>
    AfterReconfiguration,

    /// <summary>In the finished VM, once, when it first starts.</summary>
    FirstBoot,
}

public enum P2VConversionState
{
    Queued,
    DeployingHelper,
    HelperReady,
    Preparing,
    Copying,
    Synchronizing,
    Verifying,
    Synchronized,
    Reconfiguring,
    Finishing,
    Completed,
    Failed,
    Stopped,

    /// <summary>Its file cannot be read; Error names it.</summary>
    Damaged,
}
