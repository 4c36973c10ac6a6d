using System.Management.Automation;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A bandwidth in megabits a second, or 0. Under less than the smallest one a copy would take years.</summary>
internal sealed class ValidateBandwidthAttribute : ValidateEnumeratedArgumentsAttribute
{
    private const double Smallest = 0.1;
    private const double Largest = 1_000_000;

    protected override void ValidateElement(object element)
    {
        if (element is not double megabits || (megabits != 0 && !(megabits >= Smallest && megabits <= Largest)))
        {
            throw new ValidationMetadataException(
                FormattableString.Invariant($"A bandwidth limit is 0 for none, or {Smallest} to {Largest} Mbit/s; {element} is not.")
            );
        }
    }
}
