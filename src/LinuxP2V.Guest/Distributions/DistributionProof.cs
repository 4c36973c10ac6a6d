namespace LinuxP2V.Guest.Distributions;

/// <summary>How it is known what becomes of a distribution's copy.</summary>
public enum DistributionProof
{
    /// <summary>A machine of it was converted by the tests, and the copy booted.</summary>
    Boot,

    /// <summary>
    /// The tests plan and carry out the conversion of what its installer writes, with stand-ins for its tools that take what
    /// its documentation lists.
    /// </summary>
    Configuration,

    /// <summary>What its installer sets up cannot be made to boot, and is refused before the copy.</summary>
    Refused,
}
