using System.Management.Automation;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A bandwidth in megabits a second, 0, or nothing at all. Under less than the smallest one a copy would take years.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ValidateBandwidthAttribute : ValidateArgumentsAttribute
{
    private const double Smallest = 0.1;
    private const double Largest = 1_000_000;

    protected override void Validate(object? arguments, EngineIntrinsics engineIntrinsics)
    {
        if (arguments is not (null or 0d or (>= Smallest and <= Largest)))
        {
            throw new ValidationMetadataException(
                FormattableString.Invariant($"A bandwidth limit is 0 for none, or {Smallest} to {Largest} Mbit/s; {arguments} is not.")
            );
        }
    }
}
