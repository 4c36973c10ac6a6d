using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>As ValidateRange, but nothing at all is valid, too: an empty cell of a row.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OptionalRangeAttribute(double least, double most) : ValidateArgumentsAttribute
{
    private const double BytesOfOneGB = 1024 * 1024 * 1024;

    /// <summary>The unit of the number, GB; null: it has none.</summary>
    public string? Unit { get; init; }

    protected override void Validate(object? arguments, EngineIntrinsics engineIntrinsics)
    {
        if (arguments is null)
            return;

        var value = Convert.ToDouble(arguments, CultureInfo.InvariantCulture);
        if (value >= least && value <= most)
            return;

        var unit = Unit is null ? "" : " " + Unit;
        var text = FormattableString.Invariant($"{arguments}{unit} is not between {least}{unit} and {most}{unit}.");
        // 4GB is a number of bytes in PowerShell.
        if (Unit == "GB" && value > most && value % BytesOfOneGB == 0)
            text += FormattableString.Invariant($" Give the number of GB without a unit: {value / BytesOfOneGB}.");

        throw new ValidationMetadataException(text);
    }
}

/// <summary>As ValidatePattern, for a text or each of a list, but nothing at all is valid, too.</summary>
/// <param name="pattern">A regular expression.</param>
/// <param name="expected">What the user is told to give.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OptionalPatternAttribute(string pattern, string expected) : ValidateArgumentsAttribute
{
    protected override void Validate(object? arguments, EngineIntrinsics engineIntrinsics)
    {
        foreach (
            var text in arguments switch
            {
                null => [],
                string one => [one],
                IEnumerable<string> list => list,
                _ => [$"{arguments}"],
            }
        )
        {
            if (!Regex.IsMatch(text, pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant))
                throw new ValidationMetadataException($"'{text}' is not what is expected here: {expected}.");
        }
    }
}
