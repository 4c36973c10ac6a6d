using LinuxP2V.Engine;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>
/// An empty cell of a row means that nothing was given. On the command line an empty value is a mistake: a variable that was
/// never set, as a rule.
/// </summary>
internal static class GivenValues
{
    /// <param name="bound">The parameters of the command line.</param>
    /// <param name="allowsEmptyLists">An empty list takes away what was there.</param>
    /// <exception cref="P2VException">ParameterEmpty.</exception>
    public static void ThrowIfEmpty(IReadOnlyDictionary<string, object> bound, bool allowsEmptyLists)
    {
        foreach (var (name, value) in bound.Select(pair => (pair.Key, pair.Value)))
        {
            if (
                value is null
                || (value is string text && string.IsNullOrWhiteSpace(text))
                || (value is Array { Length: 0 } && !allowsEmptyLists)
            )
                throw new P2VException(
                    ErrorIds.ParameterEmpty,
                    $"The value of -{name} is empty.",
                    $"Give -{name} a value, or leave it out.",
                    name
                );
        }
    }
}
