using System.Management.Automation;
using System.Reflection;
using LinuxP2V.Engine;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>
/// An empty cell of a row means that nothing was given. On the command line an empty value is a mistake: a variable that was
/// never set, as a rule.
/// </summary>
internal static class GivenValues
{
    /// <summary>Looks at the parameters that take cells. All others say for themselves what they take.</summary>
    /// <param name="bound">The parameters of the command line.</param>
    /// <exception cref="P2VException">ParameterEmpty.</exception>
    public static void ThrowIfEmpty(P2VCmdlet cmdlet, IReadOnlyDictionary<string, object> bound)
    {
        foreach (var parameter in cmdlet.GetType().GetProperties().Where(parameter => bound.ContainsKey(parameter.Name)))
        {
            if (parameter.GetCustomAttributes<ArgumentTransformationAttribute>().Any(TakesCells) && IsEmpty(bound[parameter.Name]))
            {
                throw new P2VException(
                    ErrorIds.ParameterEmpty,
                    $"The value of -{parameter.Name} is empty.",
                    $"Give -{parameter.Name} a value, or leave it out.",
                    parameter.Name
                );
            }
        }
    }

    private static bool TakesCells(ArgumentTransformationAttribute attribute) =>
        attribute is CellTransformationAttribute and not TableCellTransformationAttribute or ItemTransformationAttribute;

    private static bool IsEmpty(object? value) => value is null or Array { Length: 0 } || (value is string text && text.Trim().Length == 0);
}
