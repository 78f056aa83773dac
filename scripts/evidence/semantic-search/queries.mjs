// What is asked of the first thirty chapters of "Moby Dick", in words that are not the book's, and a part of the sentence
// that answers.
export const QUERIES = [
  ['The narrator tells us his first name.', 'Call me Ishmael'],
  ['When I am depressed in autumn I feel like going away on a ship.', 'damp, drizzly November in my soul'],
  ['Thinking deeply goes together with looking at the sea.', 'meditation and water are wedded'],
  ['A man-eater who drinks nothing is a better bedfellow than a drunk believer.', 'sober cannibal than a drunken'],
  ['Nobody likes to share a bed with somebody else.', 'No man prefers to sleep two in a bed'],
  ['A ship that hunts whales was my university.', 'my Yale College and my Harvard'],
  ['We are afraid of what we do not know.', 'Ignorance is the parent of fear'],
  ['In the morning the savage was hugging me tenderly in his sleep.', 'arm thrown over me in the most loving'],
  ['He shaves with his whaling weapon.', 'takes the harpoon from the bed corner'],
  ["The captain's artificial leg was made of the bone of a whale.", 'this ivory leg had at sea been fashioned'],
  ['The first mate wants nobody in his crew who has no fear.', 'I will have no man in my boat'],
  ['The landlady asks which kind of seafood we want for supper.', '"Clam or Cod?" she repeated'],
  ['Nothing is as nice as receiving your wages.', 'But being paid,'],
  ['Most of the planet belongs to the people of Nantucket, for the oceans are theirs.', 'terraqueous globe'],
  ['God made an enormous sea creature that ate the prophet.', 'great fish to swallow up Jonah'],
  ['A pale scar runs down through his hair, his face and his neck.', 'Threading its way out from among his grey hairs'],
  ['He throws what he was smoking overboard.', 'tossed the still lighted pipe'],
  ['It is healthy and too uncommon to laugh heartily.', 'a good laugh is a mighty good thing'],
  ['To feel cosy in bed a bit of you has to be chilly.', 'to enjoy bodily warmth'],
];
